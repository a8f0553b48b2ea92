import { computed, effect, signal, type Signal } from '@preact/signals';
import { api } from '../api/api';
import type { UploadDocument } from '../api/documents';
import { session } from '../session/session';
import { announce } from '../shell/announcements';
import { ofTab } from '../shell/storage';
import { append, ask, cancel } from './append';
import { hashFile } from './hashing';
import { Upload, type UploadState, type UploadTools } from './upload';

/** An upload in the list. */
export interface QueuedUpload {
  id: number;
  upload: Upload;
  state: Signal<UploadState>;
  /** Bytes per second lately; 0 while nothing moves. */
  speed: Signal<number>;
}

/** How many files are sent at once. */
const atOnce = 2;

/** Uploads of this tab, the newest first. They go on while the user looks at other pages. */
export const uploads = signal<readonly QueuedUpload[]>([]);

/** How many contents have been stored: pages that list artifacts read again when it grows. */
export const storedCount = signal(0);

const active = new Set(['hashing', 'sending', 'retrying']);
const unfinished = new Set(['waiting', ...active, 'paused']);

export const activeUploads = computed(() => uploads.value.filter(({ state }) => active.has(state.value.phase)));
const unfinishedUploads = computed(() => uploads.value.filter(({ state }) => unfinished.has(state.value.phase)));

const sessionKey = (digest: string) => `casfunctions.upload.${digest}`;

/** The last upload of each digest. */
const turns = new Map<string, Promise<unknown>>();

const tools: UploadTools = {
  service: {
    append,
    ask,
    cancel,
    create: async (digest, file, signal) => {
      const answer = await api.post<Partial<UploadDocument>>(
        '/v1/uploads',
        { digest, size: file.size, name: file.name, mediaType: file.type || undefined },
        signal,
      );
      return answer.uploadUrl ?? null;
    },
  },
  hash: hashFile,
  sessions: {
    find: digest => ofTab.get(sessionKey(digest)),
    keep: (digest, url) => ofTab.set(sessionKey(digest), url),
    forget: digest => ofTab.remove(sessionKey(digest)),
  },
  alone: (digest, work) => {
    const turn = (turns.get(digest) ?? Promise.resolve()).then(work);
    turns.set(
      digest,
      turn.catch(() => undefined),
    );
    return turn;
  },
  pause: (milliseconds, signal) =>
    new Promise(resolve => {
      const wake = () => {
        clearTimeout(timer);
        removeEventListener('online', wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      addEventListener('online', wake);
      signal.addEventListener('abort', wake);
    }),
};

let last = 0;

export function enqueue(files: Iterable<File>): void {
  for (const file of files) {
    const speed = new Speedometer();
    const shownSpeed = signal(0);
    const state = signal<UploadState>({ phase: 'waiting', done: 0, digest: null, problem: null });
    const upload = new Upload(file, tools, changed => {
      state.value = changed;
      shownSpeed.value = changed.phase === 'sending' || changed.phase === 'hashing' ? speed.measure(changed.phase, changed.done) : 0;
      if (changed.phase === 'stored' || changed.phase === 'existed') {
        storedCount.value++;
        announce(changed.phase === 'stored' ? `${file.name} is stored.` : `${file.name} was stored already.`);
      } else if (changed.phase === 'failed') {
        announce(`${file.name} was not stored.`, false);
      }
    });
    uploads.value = [{ id: ++last, upload, state, speed: shownSpeed }, ...uploads.value];
  }
  startNext();
}

/** Goes on with an upload that was paused or failed, at once. */
export async function resume(queued: QueuedUpload): Promise<void> {
  await queued.upload.run();
  startNext();
}

export function pauseUpload(queued: QueuedUpload): void {
  queued.upload.pause();
  startNext();
}

export function cancelUpload(queued: QueuedUpload): void {
  void queued.upload.cancel();
  remove(queued);
  startNext();
}

/** Takes an upload that has ended off the list. */
export function remove(queued: QueuedUpload): void {
  uploads.value = uploads.value.filter(other => other !== queued);
}

function startNext(): void {
  const waiting = uploads.value.filter(({ state }) => state.value.phase === 'waiting').toReversed();
  for (const queued of waiting.slice(0, Math.max(0, atOnce - activeUploads.value.length))) {
    void resume(queued);
  }
}

/** Speed over the last seconds. */
class Speedometer {
  private phase = '';
  private samples: { at: number; done: number }[] = [];

  measure(phase: string, done: number): number {
    const now = performance.now();
    if (phase !== this.phase || done < (this.samples.at(-1)?.done ?? 0)) {
      this.samples = [];
      this.phase = phase;
    }
    this.samples.push({ at: now, done });
    this.samples = this.samples.filter(sample => now - sample.at < 5_000);
    const first = this.samples[0]!;
    return now - first.at > 500 ? ((done - first.done) / (now - first.at)) * 1_000 : 0;
  }
}

// Leaving the page would end what is not finished.
addEventListener('beforeunload', event => {
  if (unfinishedUploads.value.length > 0) {
    event.preventDefault();
  }
});

// Another user of this tab sees nothing of them.
effect(() => {
  if (!session.value) {
    for (const queued of uploads.peek()) {
      queued.upload.pause();
    }
    uploads.value = [];
  }
});
