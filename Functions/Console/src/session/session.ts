import { computed, signal } from '@preact/signals';
import type { CallerDocument, Role } from '../api/documents';
import { ofTab } from '../shell/storage';

const stored = 'casfunctions.token';

/** Who is signed in. */
export interface Session extends CallerDocument {
  token: string;
}

/** The session; null when nobody is signed in. The token is in this variable, and in sessionStorage only when the user wants that. */
export const session = signal<Session | null>(null);

/** Why the last session ended; shown on the sign-in page. */
export const farewell = signal<string | null>(null);

/** What the role allows. What it doesn't is not offered. */
export const may = computed(() => {
  const role: Role | undefined = session.value?.role;
  return {
    manage: role === 'owner',
    download: role === 'owner' || role === 'downloader',
    upload: role === 'owner' || role === 'uploader',
  };
});

export function beginSession(caller: CallerDocument, token: string, keep: boolean): void {
  if (keep) {
    ofTab.set(stored, token);
  } else {
    ofTab.remove(stored);
  }
  farewell.value = null;
  session.value = { ...caller, token };
}

export function endSession(reason: string | null): void {
  ofTab.clear();
  farewell.value = reason;
  session.value = null;
}

/** The token that this tab kept over a reload. */
export function keptToken(): string | null {
  return ofTab.get(stored);
}
