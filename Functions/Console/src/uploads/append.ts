import { Problem } from '../api/problem';

/** How far a session is. */
export interface Progress {
  offset: number;
  /** True when the content is stored. */
  complete: boolean;
}

/** What an upload needs of the service: the session's creation, and the appends of the IETF's resumable uploads. */
export interface UploadService {
  /** Asks for a session; null when the organization has the content already. */
  create(digest: string, file: File, signal: AbortSignal): Promise<string | null>;
  /** Sends a part of the content. */
  append(url: string, offset: number, part: Blob, last: boolean, onSent: (bytes: number) => void, signal: AbortSignal): Promise<Progress>;
  /** Asks how far the session is. */
  ask(url: string, signal: AbortSignal): Promise<Progress>;
  /** Gives the session up. */
  cancel(url: string): Promise<void>;
}

/** The append began elsewhere than the session ends. */
export class OffsetMismatch extends Error {
  readonly offset: number;
  constructor(offset: number) {
    super(`The session is at ${offset}.`);
    this.offset = offset;
  }
}

/** A request that nothing has come of for so long is given up and made again. */
const stalledAfter = 60_000;

/** Appends a part (draft-ietf-httpbis-resumable-upload). XMLHttpRequest, because fetch tells no progress of what it sends. */
export function append(
  url: string,
  offset: number,
  part: Blob,
  last: boolean,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Progress> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer = 0;
    const watch = () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => request.abort(), stalledAfter);
    };
    const abort = () => request.abort();
    const end = (outcome: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      outcome();
    };
    request.open('PATCH', url);
    request.setRequestHeader('Content-Type', 'application/partial-upload');
    request.setRequestHeader('Upload-Offset', String(offset));
    request.setRequestHeader('Upload-Complete', last ? '?1' : '?0');
    request.upload.onprogress = event => {
      watch();
      onSent(event.loaded);
    };
    request.onload = () =>
      end(() => {
        const reached = Number(request.getResponseHeader('Upload-Offset') ?? NaN);
        if (request.status === 201 || request.status === 200 || request.status === 204) {
          resolve({ offset: reached, complete: request.status !== 204 });
          return;
        }
        const problem = Problem.parse(request.status, request.responseText);
        reject(
          request.status === 409 && Number.isInteger(reached) && problem.code === 'offset-mismatch' ? new OffsetMismatch(reached) : problem,
        );
      });
    request.onerror = () => end(() => reject(Problem.unreachable()));
    request.onabort = () => end(() => reject(signal.aborted ? new DOMException('Aborted', 'AbortError') : Problem.unreachable()));
    if (signal.aborted) {
      reject(new DOMException('Aborted', 'AbortError'));
      return;
    }
    signal.addEventListener('abort', abort);
    watch();
    request.send(part);
  });
}

export async function ask(url: string, signal: AbortSignal): Promise<Progress> {
  const response = await request('HEAD', url, AbortSignal.any([signal, AbortSignal.timeout(stalledAfter)]), signal);
  if (!response.ok) {
    throw await Problem.from(response);
  }
  return {
    offset: Number(response.headers.get('Upload-Offset')),
    complete: response.headers.get('Upload-Complete') === '?1',
  };
}

export async function cancel(url: string): Promise<void> {
  const signal = AbortSignal.timeout(stalledAfter);
  await request('DELETE', url, signal, signal);
}

/** The session's address is all that a request needs: no token goes with it. */
async function request(method: string, url: string, signal: AbortSignal, ended: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      signal,
      cache: 'no-store',
      credentials: 'omit',
      headers: method === 'HEAD' ? { 'Upload-Draft-Interop-Version': '8' } : {},
    });
  } catch (failure) {
    if (ended.aborted) {
      throw failure;
    }
    throw Problem.unreachable();
  }
}
