import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserializeError, EngramError, type ErrorCode, errorFamilies } from '@engram/domain';
import { decideRetry, decodeFailure, encodeFailure } from './retry.js';

test('only what depends on others or on the device is tried again', () => {
  for (const [code, family] of Object.entries(errorFamilies)) {
    const { retry } = decideRetry(new EngramError(code as ErrorCode, 'x'), 1);
    assert.equal(retry, family === 'upstream' || family === 'device', code);
  }
});

test('an upstream gets eight tries, a device four', () => {
  const lastRetried = (code: ErrorCode): number =>
    Array.from({ length: 20 }, (_, index) => index + 1).filter(
      (attempt) => decideRetry(new EngramError(code, 'x'), attempt).retry,
    ).length;
  assert.equal(lastRetried('ENG_RATE_LIMITED') + 1, 8);
  assert.equal(lastRetried('ENG_DEVICE_OUT_OF_MEMORY') + 1, 4);
});

test('the wait doubles up to its longest, and lies between half and all of it', () => {
  const delays = (chance: number): number[] =>
    [1, 2, 3, 7].map((attempt) => {
      const decision = decideRetry(new EngramError('ENG_STORE_UNAVAILABLE', 'x'), attempt, chance);
      return decision.retry ? decision.delayMs : 0;
    });
  // 1000 · 2^(attempt − 1), at most 60,000.
  assert.deepEqual(delays(0), [500, 1000, 2000, 30_000]);
  assert.deepEqual(delays(1), [1000, 2000, 4000, 60_000]);
});

test('a wait that the upstream asked for is kept to', () => {
  const limited = new EngramError('ENG_RATE_LIMITED', 'x', { details: { retryAfterMs: 90_000 } });
  assert.deepEqual(decideRetry(limited, 1, 0), { retry: true, delayMs: 90_000 });
});

test('an error crosses Redis whole but for its stack', () => {
  const error = new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected 1000, got 12', {
    remedy: 'Give more.',
    faults: [{ pointer: '/data', message: 'few' }],
    details: { got: 12 },
  });
  const back = deserializeError(decodeFailure(encodeFailure(error)));
  assert.equal(back.code, error.code);
  assert.equal(back.message, error.message);
  assert.equal(back.remedy, error.remedy);
  assert.deepEqual(back.faults, error.faults);
  assert.deepEqual(back.details, error.details);
  assert.equal(decodeFailure(encodeFailure(error)).stack, undefined);
});

test('a failure the queue itself wrote is ours to answer for', () => {
  assert.equal(decodeFailure('job stalled more than allowable limit').code, 'ENG_INTERNAL');
  assert.match(decodeFailure('job stalled more than allowable limit').message, /worker vanished/);
  for (const reason of [undefined, '', 'null', '{"code":"ENG_NO_SUCH"}'])
    assert.equal(decodeFailure(reason).code, 'ENG_INTERNAL');
});
