import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackendDocument } from '../src/api/documents';
import { judge } from '../src/overview/verdict';

const time = '2026-11-27T06:00:00Z';
const calm = { days: 30, failovers: 0, verificationFailures: 0, lost: 0 };

function backend(name: string, change: Partial<BackendDocument> = {}): BackendDocument {
  return {
    name,
    provider: 'aws-s3',
    location: 's3://evidence',
    description: '',
    maxBytes: 1,
    default: false,
    fallback: false,
    status: 'healthy',
    statusSince: time,
    createdAt: time,
    notices: [],
    ...change,
  };
}

const main = backend('main', { default: true });
const spare = backend('spare', { fallback: true });

test('all is well with a healthy default and fallback', () => {
  assert.equal(judge([main, spare], calm).level, 'good');
});

test('a broken default is a risk only when nothing takes its place', () => {
  const broken = { ...main, status: 'invalid' as const };

  assert.equal(judge([broken, spare], calm).level, 'fair');
  assert.equal(judge([broken], calm).level, 'bad');
  assert.equal(judge([broken, { ...spare, status: 'invalid' }], calm).level, 'bad');
  assert.deepEqual(judge([broken], calm).findings[0]!.path, ['backends', 'main']);
});

test('no default at all is a risk', () => {
  assert.equal(judge([backend('other')], calm).level, 'bad');
  assert.equal(judge([spare], calm).level, 'fair');
});

test('a missing or broken fallback needs attention', () => {
  assert.equal(judge([main], calm).level, 'fair');
  assert.equal(judge([main, { ...spare, status: 'suspect' }], calm).level, 'fair');
});

test('what can no longer be read anywhere is a risk, a healed copy is not', () => {
  assert.equal(judge([main, spare], { ...calm, verificationFailures: 3, lost: 1 }).level, 'bad');
  assert.equal(judge([main, spare], { ...calm, verificationFailures: 3 }).level, 'fair');
});

test('a backend in no use that fails may hold what nobody else has', () => {
  const verdict = judge([main, spare, backend('old', { status: 'invalid', archivedAt: time })], calm);

  assert.equal(verdict.level, 'fair');
  assert.match(verdict.findings.at(-2)!.text, /old/);
});

test('whoever may not see the counts is told nothing of them', () => {
  assert.equal(judge([main, spare], undefined).findings.length, 1);
});
