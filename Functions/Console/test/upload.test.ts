import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../src/api/problem';
import { OffsetMismatch, type Progress, type UploadService } from '../src/uploads/append';
import { partSize, Upload, type UploadState } from '../src/uploads/upload';

const digest = `sha256:${'a'.repeat(64)}`;
const gone = () => new Problem(410, { code: 'upload-ended', detail: 'It has ended.' });

/** A service that keeps what it gets, and fails as a test's script says: the failure of the nth append. */
class FakeService implements UploadService {
  bytes = 0;
  complete = false;
  sessions = 0;
  appends: { offset: number; size: number; last: boolean }[] = [];
  asked = 0;
  cancelled: string[] = [];
  ended = new Set<string>();
  failures = new Map<number, (part: Blob) => Error>();
  creations: (() => string | null)[] = [];
  onAppend: ((count: number) => void) | null = null;

  async create(): Promise<string | null> {
    const next = this.creations.shift();
    if (next) {
      return next();
    }
    this.bytes = 0;
    return `/v1/uploads/${++this.sessions}`;
  }

  async append(url: string, offset: number, part: Blob, last: boolean, onSent: (bytes: number) => void): Promise<Progress> {
    this.appends.push({ offset, size: part.size, last });
    this.onAppend?.(this.appends.length);
    const failure = this.failures.get(this.appends.length);
    if (failure) {
      throw failure(part);
    }
    if (this.ended.has(url)) {
      throw gone();
    }
    if (offset !== this.bytes) {
      throw new OffsetMismatch(this.bytes);
    }
    onSent(part.size);
    this.bytes += part.size;
    this.complete = last;
    return { offset: this.bytes, complete: last };
  }

  async ask(url: string): Promise<Progress> {
    this.asked++;
    if (this.ended.has(url)) {
      throw gone();
    }
    return { offset: this.bytes, complete: this.complete };
  }

  async cancel(url: string): Promise<void> {
    this.cancelled.push(url);
  }
}

function start(size: number, service: FakeService, sessions = new Map<string, string>()) {
  const file = new File([new Uint8Array(size)], 'evidence.bin');
  const states: UploadState[] = [];
  const pauses: number[] = [];
  const upload = new Upload(
    file,
    {
      service,
      hash: async () => digest,
      sessions: {
        find: key => sessions.get(key) ?? null,
        keep: (key, url) => void sessions.set(key, url),
        forget: key => void sessions.delete(key),
      },
      alone: (_, work) => work(),
      pause: async milliseconds => void pauses.push(milliseconds),
    },
    state => states.push(state),
  );
  return { upload, states, pauses, sessions };
}

test('sends a file in parts, the last one marked', async () => {
  const service = new FakeService();
  const { upload, sessions } = start(2 * partSize + 5, service);

  await upload.run();

  assert.equal(upload.state.phase, 'stored');
  assert.equal(upload.state.done, 2 * partSize + 5);
  assert.deepEqual(service.appends, [
    { offset: 0, size: partSize, last: false },
    { offset: partSize, size: partSize, last: false },
    { offset: 2 * partSize, size: 5, last: true },
  ]);
  assert.equal(sessions.size, 0);
});

test('sends an empty file in one append', async () => {
  const service = new FakeService();
  const { upload } = start(0, service);

  await upload.run();

  assert.equal(upload.state.phase, 'stored');
  assert.deepEqual(service.appends, [{ offset: 0, size: 0, last: true }]);
});

test('sends nothing when the content is there', async () => {
  const service = new FakeService();
  service.creations.push(() => null);
  const { upload } = start(10, service);

  await upload.run();

  assert.equal(upload.state.phase, 'existed');
  assert.equal(service.appends.length, 0);
});

test('goes on after a cut from where the service is', async () => {
  const service = new FakeService();
  // The connection broke, but a piece of the part arrived.
  service.failures.set(2, () => {
    service.bytes += 1000;
    return Problem.unreachable();
  });
  const { upload, pauses, states } = start(3 * partSize, service);

  await upload.run();

  assert.equal(upload.state.phase, 'stored');
  assert.deepEqual(service.appends.slice(2), [
    { offset: partSize + 1000, size: partSize - 1000, last: false },
    { offset: 2 * partSize, size: partSize, last: true },
  ]);
  assert.deepEqual(pauses, [1000]);
  assert.ok(states.some(state => state.phase === 'retrying' && state.problem?.code === 'unreachable'));
});

test('waits longer after each failure in a row, and briefly again after progress', async () => {
  const service = new FakeService();
  for (const append of [2, 3, 4, 6]) {
    service.failures.set(append, () => new Problem(503, { code: 'busy' }));
  }
  const { upload, pauses } = start(3 * partSize, service);

  await upload.run();

  assert.equal(upload.state.phase, 'stored');
  assert.deepEqual(pauses, [1000, 2000, 4000, 1000]);
});

test('takes a lost answer for what it was', async () => {
  const service = new FakeService();
  service.failures.set(1, () => {
    service.bytes = 10;
    service.complete = true;
    return Problem.unreachable();
  });
  const { upload } = start(10, service);

  await upload.run();

  assert.equal(upload.state.phase, 'stored');
  assert.equal(service.appends.length, 1);
});

test('begins a new session when the service has ended one', async () => {
  const service = new FakeService();
  service.onAppend = count => count === 2 && service.ended.add('/v1/uploads/1');
  const { upload } = start(2 * partSize, service);

  await upload.run();

  assert.equal(upload.state.phase, 'stored');
  assert.equal(service.sessions, 2);
});

test('gives up when session after session ends', async () => {
  const service = new FakeService();
  for (let append = 1; append <= 10; append++) {
    service.failures.set(append, gone);
  }
  const { upload } = start(10, service);

  await upload.run();

  assert.equal(upload.state.phase, 'failed');
  assert.equal(upload.state.problem?.code, 'sessions-end');
});

test('takes up the session of an earlier load of the page', async () => {
  const service = new FakeService();
  service.sessions = 1;
  service.bytes = partSize;
  const { upload } = start(2 * partSize, service, new Map([[digest, '/v1/uploads/1']]));

  await upload.run();

  assert.equal(upload.state.phase, 'stored');
  assert.deepEqual(service.appends, [{ offset: partSize, size: partSize, last: true }]);
});

test('ends with what the service says when it refuses', async () => {
  const service = new FakeService();
  service.creations.push(() => {
    throw new Problem(413, { code: 'content-too-large', detail: 'Too large.', hint: 'Ask for more.' });
  });
  const { upload, pauses } = start(10, service);

  await upload.run();

  assert.equal(upload.state.phase, 'failed');
  assert.equal(upload.state.problem?.hint, 'Ask for more.');
  assert.deepEqual(pauses, []);

  await upload.run();
  assert.equal(upload.state.phase, 'stored');
});

test('pauses at once and goes on without sending anything twice', async () => {
  const service = new FakeService();
  const { upload, states } = start(3 * partSize, service);
  service.onAppend = count => count === 2 && upload.pause();
  service.failures.set(2, () => new DOMException('Aborted', 'AbortError'));

  await upload.run();
  assert.equal(upload.state.phase, 'paused');
  const hashed = states.filter(state => state.phase === 'hashing').length;

  await upload.run();

  assert.equal(upload.state.phase, 'stored');
  assert.equal(states.filter(state => state.phase === 'hashing').length, hashed);
  assert.deepEqual(
    service.appends.map(append => append.offset),
    [0, partSize, partSize, 2 * partSize],
  );
});

test('tells the service when an upload is cancelled', async () => {
  const service = new FakeService();
  const { upload, sessions } = start(3 * partSize, service);
  let cancelling: Promise<void> | undefined;
  service.onAppend = count => void (count === 2 && (cancelling = upload.cancel()));
  service.failures.set(2, () => new DOMException('Aborted', 'AbortError'));

  await upload.run();
  await cancelling;

  assert.equal(upload.state.phase, 'cancelled');
  assert.deepEqual(service.cancelled, ['/v1/uploads/1']);
  assert.equal(sessions.size, 0);
});
