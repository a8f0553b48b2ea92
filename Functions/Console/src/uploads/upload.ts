import { Problem } from '../api/problem';
import { OffsetMismatch, type UploadService } from './append';

export type Phase = 'waiting' | 'hashing' | 'sending' | 'retrying' | 'paused' | 'stored' | 'existed' | 'failed' | 'cancelled';

/** What is to be seen of an upload. */
export interface UploadState {
  phase: Phase;
  /** Bytes hashed while hashing, bytes that the service has or is being sent afterwards. */
  done: number;
  digest: string | null;
  problem: Problem | null;
}

/** What an upload runs on; tests have their own. */
export interface UploadTools {
  service: UploadService;
  hash: (file: File, onProgress: (bytes: number) => void, signal: AbortSignal) => Promise<string>;
  /** Sessions that were begun, by digest, also by an earlier load of the page. */
  sessions: { find(digest: string): string | null; keep(digest: string, url: string): void; forget(digest: string): void };
  /** Lets one upload of a digest work at a time: two would take the session from each other again and again. */
  alone: (digest: string, work: () => Promise<void>) => Promise<void>;
  /** Ends after a time, or earlier when it makes sense to try again, such as when the network is back. */
  pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Each request carries at most this much: what a proxy may hold in memory, and what a cut connection may cost. */
export const partSize = 8 * 1024 * 1024;

const mostSessions = 5;
const firstPause = 1_000;
const longestPause = 30_000;

/**
 * Uploads one file: hashes it, asks for a session, sends what the service lacks. After a cut the service is asked how far the session is,
 * and the upload goes on from there for as long as it takes; an ended session is replaced by a new one.
 */
export class Upload {
  private current: UploadState = { phase: 'waiting', done: 0, digest: null, problem: null };
  private controller: AbortController | null = null;

  constructor(
    readonly file: File,
    private readonly tools: UploadTools,
    private readonly onChange: (state: UploadState) => void,
  ) {}

  get state(): UploadState {
    return this.current;
  }

  /** Begins, or goes on after a pause or a failure. Ends when there is nothing to do any more. */
  async run(): Promise<void> {
    if (this.controller) {
      return;
    }
    const { signal } = (this.controller = new AbortController());
    try {
      await this.upload(signal);
    } catch (failure) {
      // Whoever aborted has said what it means.
      if (!signal.aborted) {
        this.change({ phase: 'failed', problem: Problem.of(failure) });
      }
    } finally {
      if (this.controller?.signal === signal) {
        this.controller = null;
      }
    }
  }

  pause(): void {
    this.stop('paused');
  }

  /** Gives the upload up. What was sent is dropped by the service. */
  async cancel(): Promise<void> {
    this.stop('cancelled');
    const { digest } = this.current;
    const url = digest && this.tools.sessions.find(digest);
    if (digest && url) {
      this.tools.sessions.forget(digest);
      // An open session ends by itself, too.
      await this.tools.service.cancel(url).catch(() => undefined);
    }
  }

  private stop(phase: Phase): void {
    this.controller?.abort();
    this.controller = null;
    this.change({ phase, problem: null });
  }

  private change(change: Partial<UploadState>): void {
    this.current = { ...this.current, ...change };
    this.onChange(this.current);
  }

  private async upload(signal: AbortSignal): Promise<void> {
    const digest = this.current.digest ?? (await this.hash(signal));
    await this.tools.alone(digest, () => this.store(digest, signal));
  }

  private async store(digest: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (let sessions = 0; sessions < mostSessions;) {
      let url = this.tools.sessions.find(digest);
      const takenUp = url !== null;
      if (url === null) {
        url = await this.patiently(signal, () => this.tools.service.create(digest, this.file, signal));
        if (url === null) {
          this.change({ phase: 'existed', done: this.file.size, problem: null });
          return;
        }
        sessions++;
        this.tools.sessions.keep(digest, url);
      }

      if (await this.send(url, takenUp, signal)) {
        this.tools.sessions.forget(digest);
        this.change({ phase: 'stored', done: this.file.size, problem: null });
        return;
      }
      this.tools.sessions.forget(digest);
    }
    throw new Problem(0, {
      code: 'sessions-end',
      title: 'The upload was ended again and again',
      detail: 'The service ended its session several times.',
      hint: 'The backend may be failing. Look at its status, and try again.',
    });
  }

  private async hash(signal: AbortSignal): Promise<string> {
    this.change({ phase: 'hashing', done: 0, problem: null });
    const digest = await this.tools.hash(this.file, done => signal.aborted || this.change({ done }), signal);
    signal.throwIfAborted();
    this.change({ digest });
    return digest;
  }

  /** Sends what a session lacks; false when the session has ended. */
  private async send(url: string, takenUp: boolean, signal: AbortSignal): Promise<boolean> {
    let offset: number | null = takenUp ? null : 0;
    this.change({ phase: 'sending', done: offset ?? this.current.done, problem: null });
    for (let failures = 0; ;) {
      try {
        if (offset === null) {
          const state = await this.tools.service.ask(url, signal);
          if (state.complete) {
            return true;
          }
          offset = state.offset;
        }
        this.change({ phase: 'sending', done: offset, problem: null });
        const start: number = offset;
        // Also after a cut in the middle of one, parts end where the service's own do: it has nothing to put aside then.
        const end = Math.min(start - (start % partSize) + partSize, this.file.size);
        const onSent = (bytes: number) => signal.aborted || this.change({ done: Math.min(start + bytes, end) });
        const state = await this.tools.service.append(url, start, this.file.slice(start, end), end === this.file.size, onSent, signal);
        if (state.complete) {
          return true;
        }
        if (state.offset > start) {
          failures = 0;
        }
        offset = state.offset;
      } catch (failure) {
        signal.throwIfAborted();
        if (failure instanceof OffsetMismatch) {
          // The same answer twice leads nowhere: the session itself is asked then.
          offset = failure.offset === offset ? null : failure.offset;
          continue;
        }
        const problem = Problem.of(failure);
        if (problem.status === 404 || problem.status === 410) {
          return false;
        }
        if (!(problem.passes || problem.code === 'conflict')) {
          throw problem;
        }
        await this.demandReadable();
        await this.wait(problem, failures++, signal);
        offset = null;
      }
    }
  }

  /** Repeats a request that fails for the time being. */
  private async patiently<T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    for (let failures = 0; ; failures++) {
      try {
        return await request();
      } catch (failure) {
        signal.throwIfAborted();
        const problem = Problem.of(failure);
        if (!problem.passes) {
          throw problem;
        }
        await this.wait(problem, failures, signal);
      }
    }
  }

  private async wait(problem: Problem, failures: number, signal: AbortSignal): Promise<void> {
    this.change({ phase: 'retrying', problem });
    await this.tools.pause(Math.min(firstPause * 2 ** failures, longestPause), signal);
    signal.throwIfAborted();
  }

  /** To a request a file that was changed or removed looks like a cut connection. */
  private async demandReadable(): Promise<void> {
    try {
      await this.file.slice(0, 1).arrayBuffer();
    } catch {
      throw new Problem(0, {
        code: 'file-unreadable',
        title: 'The file can’t be read any more',
        detail: `${this.file.name} was changed, moved or removed after it was chosen.`,
        hint: 'Choose it again.',
      });
    }
  }
}
