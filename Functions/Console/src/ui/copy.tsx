import { useEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../shell/announcements';
import { shortDigest } from '../formats/digests';
import { Icon } from './icon';

async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }

  // Without TLS browsers have no clipboard for scripts, but still the old command.
  const area = document.createElement('textarea');
  area.value = text;
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) {
    throw new Error('The browser refused.');
  }
}

/** A button that copies a text. */
export function CopyButton({ text, what, compact = false }: { text: string; what: string; compact?: boolean }) {
  const [copied, setCopied] = useState(false);
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    try {
      await copyText(text);
      announce(`Copied: ${what}.`);
      setCopied(true);
      clearTimeout(timer.current);
      timer.current = window.setTimeout(() => setCopied(false), 2_000);
    } catch {
      announce('The browser does not let the console copy. Select the text instead.', false);
    }
  };
  return (
    <button
      type="button"
      class={compact ? 'icon-button' : 'button small'}
      onClick={copy}
      title={`Copy ${what}`}
      aria-label={`Copy ${what}`}
    >
      <Icon name={copied ? 'check' : 'copy'} />
      {!compact && (copied ? 'Copied' : 'Copy')}
    </button>
  );
}

/** Lines to copy as they are. */
export function CopyBlock({ text, what }: { text: string; what: string }) {
  return (
    <div class="copy-block">
      <pre tabIndex={0} role="region" aria-label={what}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}

/** A digest's begin, with the whole of it to copy. */
export function Digest({ digest }: { digest: string }) {
  return (
    <span class="digest">
      <code title={digest}>{shortDigest(digest)}</code>
      <CopyButton text={digest} what="digest" compact />
    </span>
  );
}
