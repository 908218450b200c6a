import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError, type ErrorCode } from '@engram/domain';
import { createRandom, skewNormalLogCdf } from '@engram/numeric';
import { expectedNullExposure, exposureNullCheck } from './null-check.js';
import { type CanarySignals, exposures } from './score.js';

const refused = (code: ErrorCode) => (error: unknown) => error instanceof EngramError && error.code === code;

function canaries(bits: readonly number[], references: Float64Array, more: Partial<CanarySignals> = {}): CanarySignals {
  return {
    logPerplexityBits: Float64Array.from(bits),
    repetitions: new Int32Array(bits.length).fill(1),
    references: [references],
    spaceBits: 40,
    enumerated: false,
    ...more,
  };
}

function normals(n: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: n }, () => 50 + 4 * random.normal());
}

test('exact exposure counts the whole space, and ties give the worse rank', () => {
  const space = Float64Array.of(1, 2, 2, 3, 4, 5, 6, 7);
  const { estimator, exposureBits, pValue } = exposures(canaries([1, 2, 7], space, { enumerated: true, spaceBits: 3 }));
  assert.equal(estimator, 'exact');
  assert.deepEqual([...exposureBits], [3, Math.log2(8 / 3), 0]);
  assert.deepEqual([...pValue], [1 / 8, 3 / 8, 1]);
});

test('sampled exposure is the permutation p-value in bits, ties against us', () => {
  const references = Float64Array.of(10, 20, 20, 30, 40, 50, 60);
  const { estimator, exposureBits, pValue } = exposures(canaries([5, 20, 99], references));
  assert.equal(estimator, 'sampled');
  assert.deepEqual([...pValue], [1 / 8, 4 / 8, 1]);
  assert.deepEqual([...exposureBits], [3, 1, 0]);
});

test('exposure never exceeds the space', () => {
  const [bits] = exposures(canaries([0], normals(5000, 1), { spaceBits: 10 })).exposureBits;
  assert.equal(bits, 10);
});

test('a canary is ranked among the references of its own template', () => {
  const { exposureBits } = exposures({
    ...canaries([5, 5], Float64Array.of(10, 20, 30)),
    references: [Float64Array.of(10, 20, 30), Float64Array.of(1, 2, 3)],
    template: Int32Array.of(0, 1),
  });
  assert.deepEqual([...exposureBits], [2, 0]);
});

test('an accepted tail goes on where ranks end, and agrees with them where they do not', () => {
  const references = normals(20_000, 2);
  const { estimator, exposureBits, extrapolatedBits, fits, pValue } = exposures(
    canaries([50 - 4 * 6, 50 - 4 * 2], references),
    'extrapolated',
  );
  assert.equal(estimator, 'extrapolated');
  assert.ok(fits[0].accepted && fits[0].disagreementBits! < 1);
  // -log2 Phi(-6) = 29.9 and -log2 Phi(-2) = 5.46; the fitted shape is not exactly 0.
  assert.ok(Math.abs(extrapolatedBits[0] - 29.9) < 4, String(extrapolatedBits[0]));
  assert.ok(Math.abs(extrapolatedBits[1] - 5.46) < 0.2);
  assert.deepEqual(exposureBits, extrapolatedBits);
  assert.equal(pValue[0], 1 / 20_001);
});

test('references in two heaps refuse the tail, and sampled exposure stands', () => {
  const references = normals(2000, 3).map((value, i) => (i % 2 === 0 ? value : value + 60));
  const { estimator, extrapolatedBits, fits } = exposures(canaries([0], references), 'extrapolated');
  assert.equal(estimator, 'sampled');
  assert.ok(Number.isNaN(extrapolatedBits[0]));
  assert.match(fits[0].reason!, /skew-normal|disagree/);
});

test('a heavier lower tail than the fit allows is refused', () => {
  // One reference in fifty from far below: the bulk fits, the tail does not.
  const references = normals(20_000, 4).map((value, i) => (i % 50 === 0 ? value - 40 : value));
  assert.equal(exposures(canaries([0], references)).fits[0].accepted, false);
});

test('too few references, or equal ones, fit no tail', () => {
  assert.match(exposures(canaries([0], normals(50, 5))).fits[0].reason!, /at least 200/);
  assert.match(exposures(canaries([0], new Float64Array(500).fill(3))).fits[0].reason!, /do not vary/);
});

test('the far tail of a fit stays finite', () => {
  assert.ok(Number.isFinite(skewNormalLogCdf(-12, { location: 0, scale: 1, shape: 4 })));
});

test('the mean null exposure is 1.4364 bits over 1,000 places and 1.442684 over a million', () => {
  assert.equal(expectedNullExposure(1000).toFixed(4), '1.4364');
  assert.equal(expectedNullExposure(1e6).toFixed(6), '1.442684');
  assert.ok(Math.abs(expectedNullExposure(1)) < 1e-12);
});

test('never-planted canaries follow 2^-x: mean 1.4427 within 0.06 over 10,000 canaries', () => {
  const random = createRandom(6);
  const size = 1000;
  const bits: number[] = [];
  for (let trial = 0; trial < 10_000; trial += 1) {
    // Fresh references per canary: a shared set would make exposures dependent.
    const own = random.uniform();
    let rank = 1;
    for (let q = 1; q < size; q += 1) if (random.uniform() <= own) rank += 1;
    bits.push(Math.log2(size / rank));
  }
  const check = exposureNullCheck(Float64Array.from(bits), size)!;
  assert.ok(Math.abs(check.meanBits - check.expectedBits) < 0.06);
  assert.ok(check.ks.pValue > 0.001);
  assert.ok(Math.abs(check.standardErrorBits - 0.0144) < 1e-4);
});

test('planted canaries fail the null check, and no canaries give none', () => {
  assert.ok(exposureNullCheck(new Float64Array(30).fill(9), 1000)!.ks.pValue < 1e-6);
  assert.equal(exposureNullCheck(new Float64Array(0), 1000), null);
});

test('missing references, values that are no numbers and other lengths are refused', () => {
  assert.throws(() => exposures(canaries([1], new Float64Array(0))), refused('ENG_INSUFFICIENT_SAMPLES'));
  assert.throws(() => exposures(canaries([Number.NaN], normals(10, 1))), refused('ENG_VALUES_NOT_FINITE'));
  assert.throws(() => exposures(canaries([1], Float64Array.of(Infinity))), refused('ENG_VALUES_NOT_FINITE'));
  assert.throws(
    () => exposures({ ...canaries([1], normals(10, 1)), repetitions: new Int32Array(2) }),
    refused('ENG_SHAPE_MISMATCH'),
  );
});
