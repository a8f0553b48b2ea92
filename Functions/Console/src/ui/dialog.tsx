import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './icon';

/** A modal dialog: open as long as it is rendered. The browser keeps the focus in it and gives it back. */
export function Dialog({
  title,
  onClose,
  busy = false,
  keeps = false,
  children,
}: {
  title: string;
  onClose: () => void;
  /** True while it can't be closed. */
  busy?: boolean;
  /** True when the Escape key, which is pressed easily, does not close it. */
  keeps?: boolean;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const closed = useRef(() => {});
  closed.current = () => (busy || keeps ? dialog.current!.showModal() : onClose());
  useEffect(() => {
    const element = dialog.current!;
    const before = document.activeElement;
    // Browsers close a dialog themselves when Escape is pressed again, whatever was said to the first.
    const onClosed = () => closed.current();
    element.addEventListener('close', onClosed);
    element.showModal();
    return () => {
      element.removeEventListener('close', onClosed);
      element.close();
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onCancel={event => {
        event.preventDefault();
        if (!busy && !keeps) {
          onClose();
        }
      }}
    >
      <div class="dialog-head">
        <h2 id={heading}>{title}</h2>
        <button type="button" class="icon-button" aria-label="Close" disabled={busy} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {children}
    </dialog>
  );
}
