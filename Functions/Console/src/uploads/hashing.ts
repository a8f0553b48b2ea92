import { Problem } from '../api/problem';
import type { HashMessage } from './hash-worker';

/** The one address that becomes a script: the page's policy takes no text for it, except by this name. */
const workerAddress = globalThis.trustedTypes?.createPolicy('cas-worker', { createScriptURL: () => HASH_WORKER }).createScriptURL('') ?? HASH_WORKER;

/** Computes a file's digest in a worker, so that the page stays quick. */
export function hashFile(file: File, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerAddress);
    const end = (outcome: () => void) => {
      worker.terminate();
      signal.removeEventListener('abort', abort);
      outcome();
    };
    const abort = () => end(() => reject(new DOMException('Aborted', 'AbortError')));
    const fail = (detail: string) =>
      end(() =>
        reject(
          new Problem(0, {
            code: 'hashing-failed',
            title: 'The file could not be hashed',
            detail,
            hint: 'It may have been changed or removed since it was chosen. Choose it again.',
          }),
        ),
      );
    worker.onmessage = (event: MessageEvent<HashMessage>) => {
      if ('hashed' in event.data) {
        onProgress(event.data.hashed);
      } else if ('digest' in event.data) {
        const { digest } = event.data;
        end(() => resolve(digest));
      } else {
        fail(event.data.failure);
      }
    };
    worker.onerror = () => fail('The part of the console that hashes could not be started.');
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort);
    worker.postMessage(file);
  });
}
