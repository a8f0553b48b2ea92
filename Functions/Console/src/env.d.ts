declare module '*.css';

/** The hash worker's file, relative to the page. Set by the build. */
declare const HASH_WORKER: string;

/** Trusted Types (https://www.w3.org/TR/trusted-types/); absent in browsers that don't know them. */
declare var trustedTypes: undefined | {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): { createScriptURL(address: string): string };
};
