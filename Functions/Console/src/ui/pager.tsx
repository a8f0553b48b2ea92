import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from './icon';

/** The way through pages of which each names only the next: the cursors of the pages before are kept for the way back. */
export function useCursors() {
  const [cursors, setCursors] = useState<string[]>([]);
  return {
    after: cursors.at(-1),
    number: cursors.length + 1,
    older: (next: string) => setCursors(before => [...before, next]),
    newer: () => setCursors(before => before.slice(0, -1)),
    first: () => setCursors([]),
  };
}

export function Pager({
  what,
  cursors,
  next,
  busy,
}: {
  what: string;
  cursors: ReturnType<typeof useCursors>;
  next: string | undefined;
  busy: boolean;
}) {
  const nav = useRef<HTMLElement>(null);
  const shown = useRef(cursors.number);
  useEffect(() => {
    if (!busy && shown.current !== cursors.number) {
      shown.current = cursors.number;
      nav.current?.previousElementSibling?.scrollIntoView({ block: 'start' });
    }
  }, [busy, cursors.number]);
  if (cursors.number === 1 && !next) {
    return null;
  }
  return (
    <nav ref={nav} class="pager" aria-label={`Pages of ${what}`}>
      <button type="button" class="button small" disabled={busy || cursors.number === 1} onClick={cursors.first}>
        Newest
      </button>
      <button type="button" class="button small" disabled={busy || cursors.number === 1} onClick={cursors.newer}>
        <Icon name="back" />
        Newer
      </button>
      <span aria-live="polite">Page {cursors.number}</span>
      <button type="button" class="button small" disabled={busy || !next} onClick={() => next && cursors.older(next)}>
        Older
        <Icon name="forward" />
      </button>
    </nav>
  );
}
