/** What the browser keeps for the console; nothing where its user forbids that. */
export interface KeptTexts {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  clear(): void;
}

function open(storage: () => Storage): KeptTexts {
  const attempt = <T>(action: (storage: Storage) => T, otherwise: T): T => {
    try {
      return action(storage());
    } catch {
      // Forbidden or full: the console does without.
      return otherwise;
    }
  };
  return {
    get: key => attempt(kept => kept.getItem(key), null),
    set: (key, value) => attempt(kept => kept.setItem(key, value), undefined),
    remove: key => attempt(kept => kept.removeItem(key), undefined),
    clear: () => attempt(kept => kept.clear(), undefined),
  };
}

/** Kept as long as the tab. */
export const ofTab = open(() => sessionStorage);

/** Kept in this browser. Nothing secret goes there. */
export const ofBrowser = open(() => localStorage);
