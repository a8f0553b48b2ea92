const wellFormed = /^(?:sha256:)?([0-9a-f]{64})$/i;

/** The digest that somebody entered, in the form that the API takes; null when it is none. */
export function parseDigest(text: string): string | null {
  const match = wellFormed.exec(text.trim());
  return match ? `sha256:${match[1]!.toLowerCase()}` : null;
}

/** A digest's begin, enough to recognize it by. */
export function shortDigest(digest: string): string {
  return `${digest.slice(0, 'sha256:'.length + 12)}…`;
}
