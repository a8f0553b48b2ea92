import { createSHA256 } from 'hash-wasm';

/** What the worker is told and what it tells. */
export type HashMessage = { hashed: number } | { digest: string } | { failure: string };

const reportEvery = 100;

/** Hashes a file as it is read, so that its size does not matter. */
self.onmessage = async (event: MessageEvent<File>) => {
  try {
    const hash = await createSHA256();
    const reader = event.data.stream().getReader();
    let hashed = 0;
    let reported = 0;
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      hash.update(read.value);
      hashed += read.value.length;
      if (performance.now() - reported > reportEvery) {
        reported = performance.now();
        self.postMessage({ hashed } satisfies HashMessage);
      }
    }
    self.postMessage({ digest: `sha256:${hash.digest('hex')}` } satisfies HashMessage);
  } catch (failure) {
    self.postMessage({ failure: failure instanceof Error ? failure.message : String(failure) } satisfies HashMessage);
  }
};
