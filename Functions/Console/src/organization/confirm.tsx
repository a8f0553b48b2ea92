import type { ComponentChildren } from 'preact';
import { Dialog } from '../ui/dialog';
import { Form, useSubmission } from '../ui/form';
import { focusHeading } from '../ui/page';

/** Asks before something is taken away. */
export function ConfirmDialog({
  title,
  submit,
  busyText,
  action,
  onClose,
  children,
}: {
  title: string;
  submit: string;
  busyText: string;
  action: () => Promise<void>;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const form = useSubmission(async () => {
    await action();
    // What opened the dialog is about to go away with its row.
    setTimeout(focusHeading);
  });
  return (
    <Dialog title={title} onClose={onClose} busy={form.busy}>
      {children}
      <Form onSubmit={form.submit} busy={form.busy} problem={form.problem} submit={submit} busyText={busyText} danger onCancel={onClose} />
    </Dialog>
  );
}
