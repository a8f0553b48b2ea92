declare module '*.css';

/** The hash worker's file, relative to the page. Set by the build. */
declare const HASH_WORKER: string;
