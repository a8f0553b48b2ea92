const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** A size in binary units, such as `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  // 1023.99 KiB must not be shown as 1024 KiB.
  if (unit > 0 && unit < units.length - 1 && Math.round(value) >= 1024) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, '')} ${units[unit]}`;
}

/** A size with its exact number of bytes, for those who compare. */
export function formatExactBytes(bytes: number): string {
  return `${formatCount(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`;
}

/** A number with its thousands set apart. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** A count and its noun, such as `1 artifact` and `2,000 artifacts`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : nouns}`;
}

/** Units in which sizes are entered, with their bytes. */
export const sizeUnits = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

export type SizeUnit = keyof typeof sizeUnits;

/** The largest unit that gives a whole number, for a field that edits a size. */
export function splitSize(bytes: number): { amount: string; unit: SizeUnit } {
  for (const unit of ['GiB', 'MiB'] as const) {
    if (bytes >= sizeUnits[unit] && bytes % sizeUnits[unit] === 0) {
      return { amount: String(bytes / sizeUnits[unit]), unit };
    }
  }
  return { amount: String(bytes / 1024), unit: 'KiB' };
}

/** Bytes of an entered size; null when it isn't a positive number. */
export function joinSize(amount: string, unit: SizeUnit): number | null {
  const number = Number(amount.trim().replace(',', '.'));
  return amount.trim() !== '' && Number.isFinite(number) && number > 0 ? Math.round(number * sizeUnits[unit]) : null;
}
