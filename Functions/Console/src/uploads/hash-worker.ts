import { createSHA256 } from 'hash-wasm';

self.onmessage = async () => {
  const hash = await createSHA256();
  self.postMessage(hash.digest());
};
