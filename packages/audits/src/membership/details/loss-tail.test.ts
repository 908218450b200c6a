import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, normalCdf, normalQuantile } from '@engram/numeric';
import { lossTail } from './loss-tail.js';

test('counts non-members beyond the loss that few members exceed', () => {
  // 300 members with losses 1..300; 1 % allows three beyond, so the threshold is 297. Non-members 298 to 497: all beyond but none of 198..297.
  const loss = Float64Array.from({ length: 600 }, (_, i) => (i < 300 ? i + 1 : i - 102));
  const membership = Uint8Array.from({ length: 600 }, (_, i) => Number(i < 300));
  const [only, ...rest] = lossTail(loss, membership, 0.95);
  assert.deepEqual([only.fnr, rest], [0.01, []]);
  assert.ok(only.measured.status === 'measured' && only.measured.value === 200 / 300);
  assert.ok(only.realisedFnr.status === 'measured' && only.realisedFnr.value === 3 / 300);
});

test('is the true negative rate of Gaussian losses in closed form', () => {
  // Members N(0, 1), non-members N(2, 1): beyond z_0.99 lie Phi(2 - 2.326) = 0.372; tolerance four standard errors.
  const random = createRandom(1);
  const membership = Uint8Array.from({ length: 40_000 }, (_, i) => i % 2);
  const loss = Float64Array.from(membership, (member) => random.normal() + 2 * (1 - member));
  const [at] = lossTail(loss, membership, 0.95);
  assert.ok(at.measured.status === 'measured');
  assert.ok(Math.abs(at.measured.value - normalCdf(2 - normalQuantile(0.99))) < 0.04);
});

test('tells nothing from too few members', () => {
  assert.deepEqual(
    lossTail(
      new Float64Array(100),
      Uint8Array.from({ length: 100 }, (_, i) => i % 2),
      0.95,
    ),
    [],
  );
});

test('is not measured of a target that tells no losses', () => {
  const membership = Uint8Array.from({ length: 600 }, (_, i) => i % 2);
  const [only] = lossTail(null, membership, 0.95);
  assert.equal(only.fnr, 0.01);
  assert.ok(only.measured.status === 'notMeasured' && /labels alone/.test(only.measured.reason));
});
