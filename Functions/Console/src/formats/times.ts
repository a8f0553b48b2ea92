const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

const steps: [limit: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [60 * 60, 'minute', 60],
  [60 * 60 * 24, 'hour', 60 * 60],
  [60 * 60 * 24 * 30, 'day', 60 * 60 * 24],
  [60 * 60 * 24 * 360, 'month', 60 * 60 * 24 * 30],
  [Infinity, 'year', 60 * 60 * 24 * 365],
];

/** A time as people say it, such as `3 minutes ago` or `in 2 days`. */
export function formatRelative(time: Date, now: number): string {
  const seconds = (time.getTime() - now) / 1000;
  if (Math.abs(seconds) < 45) {
    return 'just now';
  }

  for (const [limit, unit, size] of steps) {
    // Rounding must not give "60 minutes".
    const rounded = Math.round(seconds / size);
    if (Math.abs(rounded * size) < limit) {
      return relative.format(rounded || Math.sign(seconds), unit);
    }
  }
  return absolute.format(time);
}

/** A time with its seconds, in the reader's zone. */
export function formatAbsolute(time: Date): string {
  return absolute.format(time);
}

/** A day such as `2026-11-27` in words. The service counts days in UTC. */
export function formatDay(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
}

/** A duration as `1:05` or `2:03:04`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** The days from one to another, both of them in it. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = Date.parse(`${from}T00:00:00Z`); day <= Date.parse(`${to}T00:00:00Z`); day += 86_400_000) {
    days.push(new Date(day).toISOString().slice(0, 10));
  }
  return days;
}
