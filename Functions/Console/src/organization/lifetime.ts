const day = 86_400;

/** How long tokens and trusts last, as seconds; empty for ever. */
export const lifetimes = [
  ['3600', 'An hour'],
  [String(day), 'A day'],
  [String(30 * day), '30 days'],
  [String(90 * day), '90 days'],
  [String(365 * day), 'A year'],
  ['', 'Never expires'],
] as const;

export type Lifetime = (typeof lifetimes)[number][0];

export function secondsOf(lifetime: Lifetime): number | undefined {
  return lifetime === '' ? undefined : Number(lifetime);
}

export function isOver(expiresAt: string | undefined): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= Date.now();
}
