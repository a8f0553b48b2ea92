import { signal } from '@preact/signals';
import { Icon } from '../ui/icon';

interface Announcement {
  id: number;
  text: string;
  good: boolean;
}

const shownFor = 6_000;
const current = signal<Announcement | null>(null);
let last = 0;

/** Says that something was done, for eyes and screen readers. Failures are shown where they belong and stay there. */
export function announce(text: string, good = true): void {
  const id = ++last;
  current.value = { id, text, good };
  setTimeout(() => {
    if (current.value?.id === id) {
      current.value = null;
    }
  }, shownFor);
}

export function Announcements() {
  const shown = current.value;
  return (
    <div class="announcements" role="status" aria-live="polite">
      {shown && (
        <p key={shown.id} class={shown.good ? 'announcement' : 'announcement bad'}>
          <Icon name={shown.good ? 'check' : 'alert'} />
          {shown.text}
        </p>
      )}
    </div>
  );
}
