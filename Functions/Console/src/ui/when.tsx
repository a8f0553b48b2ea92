import { signal } from '@preact/signals';
import { formatAbsolute, formatRelative } from '../formats/times';

const now = signal(Date.now());

setInterval(() => {
  now.value = Date.now();
}, 20_000);

/** A time relative to now, which keeps up with it; the exact one on pointing at it. */
export function When({ at, ifNever = 'never' }: { at: string | undefined; ifNever?: string }) {
  if (!at) {
    return <span class="muted">{ifNever}</span>;
  }

  const time = new Date(at);
  return (
    <time dateTime={at} title={formatAbsolute(time)}>
      {formatRelative(time, now.value)}
    </time>
  );
}
