import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, joinSize, splitSize } from '../src/formats/bytes';
import { parseDigest } from '../src/formats/digests';
import { quoteShell } from '../src/formats/shell';
import { makeVisible } from '../src/formats/text';
import { daysBetween, formatDuration, formatRelative } from '../src/formats/times';
import { niceCeiling, totalByDay } from '../src/overview/usage';
import { assemble, products } from '../src/backends/providers';

test('sizes are in binary units', () => {
  const sizes: [number, string][] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [1024 * 1024 - 1, '1 MiB'],
    [100 * 1024 * 1024, '100 MiB'],
    [64 * 1024 ** 3, '64 GiB'],
  ];
  for (const [bytes, text] of sizes) {
    assert.equal(formatBytes(bytes), text);
  }
});

test('a size survives being split into a field and put together again', () => {
  for (const bytes of [512_000, 1_000_001, 100 * 1024 ** 2, 3 * 1024 ** 3]) {
    const { amount, unit } = splitSize(bytes);
    assert.equal(joinSize(amount, unit), bytes);
  }
  for (const nonsense of ['', ' ', '0', '-1', 'much', 'Infinity']) {
    assert.equal(joinSize(nonsense, 'MiB'), null);
  }
});

test('times are told in the largest unit that fits', () => {
  const now = Date.parse('2026-11-27T12:00:00Z');
  const ago = (seconds: number) => formatRelative(new Date(now - seconds * 1000), now);
  assert.equal(ago(10), 'just now');
  assert.equal(ago(50), '1 minute ago');
  assert.equal(ago(3599), '1 hour ago');
  assert.equal(ago(86_400), 'yesterday');
  assert.equal(ago(-7200), 'in 2 hours');
  assert.equal(ago(86_400 * 29.8), 'last month');
  assert.equal(ago(86_400 * 364.9), 'last year');
  assert.equal(formatDuration(3723), '1:02:03');
  assert.equal(formatDuration(65), '1:05');
});

test('digests are recognized in both of their forms', () => {
  const hex = 'AB'.repeat(32);
  assert.equal(parseDigest(` ${hex} `), `sha256:${hex.toLowerCase()}`);
  assert.equal(parseDigest(`sha256:${hex.toLowerCase()}`), `sha256:${hex.toLowerCase()}`);
  assert.equal(parseDigest('sha256:abc'), null);
  assert.equal(parseDigest('report.xml'), null);
});

test('nothing in a name gets out of its quotes', () => {
  assert.equal(quoteShell('report.xml'), 'report.xml');
  assert.equal(quoteShell("it's $(rm -rf ~)'s"), `'it'\\''s $(rm -rf ~)'\\''s'`);
});

test('what would make a name look like another is written out', () => {
  assert.equal(makeVisible('report\u202efdp.exe\u0000'), 'report⟨U+202E⟩fdp.exe⟨U+0000⟩');
  assert.equal(makeVisible('отчёт 報告\nüber 👩\u200d🔬'), 'отчёт 報告\nüber 👩\u200d🔬');
});

test('days without uploads are days, too', () => {
  const counts = { uploadedBytes: 1, deduplicated: 0, downloads: 0, downloadedBytes: 0, failovers: 1, verificationFailures: 0 };
  const report = {
    from: '2026-02-27',
    to: '2026-03-02',
    days: [
      { day: '2026-03-01', backend: 'a', uploads: 2, ...counts },
      { day: '2026-03-01', backend: 'b', uploads: 3, ...counts },
    ],
    totals: [],
  };
  assert.deepEqual(
    totalByDay(report).map(day => [day.day, day.uploads, day.failovers]),
    [
      ['2026-02-27', 0, 0],
      ['2026-02-28', 0, 0],
      ['2026-03-01', 5, 2],
      ['2026-03-02', 0, 0],
    ],
  );
  assert.equal(daysBetween('2026-01-01', '2026-12-31').length, 365);
});

test('the axis ends with a plain number', () => {
  assert.deepEqual([0, 1, 2, 3, 7, 11, 200, 201].map(niceCeiling), [1, 1, 2, 5, 10, 20, 200, 500]);
});

test('a product asks for what the service takes', () => {
  const azure = products.find(product => product.id === 'azure-identity')!;
  assert.deepEqual(assemble(azure.fields, { 'settings.storageAccount': ' acme ', 'settings.container': '' }), {
    settings: { storageAccount: 'acme' },
    credentials: { managedIdentity: true },
  });
  const registry = products.find(product => product.id === 'registry')!;
  assert.deepEqual(assemble(registry.fields, { 'settings.repository': 'registry.example.com/evidence' }), {
    settings: { repository: 'registry.example.com/evidence' },
    credentials: undefined,
  });
});
