import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError, type NdArray } from '@engram/domain';
import { createRandom, normalCdf } from '@engram/numeric';
import { blindBaselineGate, pairedDelong } from '../index.js';

interface Data {
  readonly features: NdArray<Float64Array>;
  readonly membership: Uint8Array;
}

/** Every second sample a member; the first column of members is moved by `shift`, and `bend` is left to the caller. */
function samples(
  rows: number,
  columns: number,
  seed: number,
  value: (member: number, normal: () => number) => number,
): Data {
  const random = createRandom(seed);
  const membership = Uint8Array.from({ length: rows }, (_, i) => i % 2);
  const data = Float64Array.from({ length: rows * columns }, (_, k) =>
    k % columns === 0 ? value(membership[Math.floor(k / columns)]!, random.normal) : random.normal(),
  );
  return { features: { data, shape: [rows, columns] }, membership };
}

const shifted = (rows: number, shift: number, seed: number, columns = 4) =>
  samples(rows, columns, seed, (member, normal) => normal() + shift * member);

test('a random split passes', () => {
  const result = blindBaselineGate({ ...shifted(4000, 0, 1), seed: 1 });
  assert.equal(result.outcome, 'pass');
  assert.ok(result.pValue > 0.05);
  assert.equal(result.n, 4000);
  assert.equal(result.perClassifier.length, 4);
});

test('a shift of one column fails, with the AUC the shift allows', () => {
  const result = blindBaselineGate({ ...shifted(1000, 1, 2), seed: 1 });
  assert.equal(result.outcome, 'fail');
  assert.ok(result.measured.status === 'measured');
  // No classifier beats Phi(d / sqrt 2) but by chance; four standard errors of a null AUC bound the chance.
  assert.ok(Math.abs(result.measured.value - normalCdf(1 / Math.SQRT2)) < 4 * 0.0183);
  assert.ok(result.pValue <= 0.05);
  assert.ok(result.perClassifier.every(({ pValue, permutations }) => pValue === 1 / 200 && permutations === 199));
});

test('a small but significant shift warns', () => {
  // d = 0.25: AUC 0.57, five null standard errors at 1,500 per side.
  const result = blindBaselineGate({ ...shifted(3000, 0.25, 3), seed: 1, permutations: 99 });
  assert.equal(result.outcome, 'warn');
  assert.ok(result.measured.status === 'measured' && result.measured.value < 0.6);
});

test('too few samples to tell are inconclusive', () => {
  // 200 on each side: a null standard error of 0.029, so chance stays below 0.55 and the interval does not.
  const result = blindBaselineGate({ ...shifted(400, 0, 4), seed: 1 });
  assert.equal(result.outcome, 'inconclusive');
  assert.ok(result.measured.status === 'measured' && result.measured.value < 0.55 && result.measured.high >= 0.55);
  assert.ok(result.pValue > 0.05);
});

test('a large AUC fails though too few samples make it insignificant', () => {
  // A shift of 0.6 in one of four columns, 15 on each side.
  const result = blindBaselineGate({ ...shifted(30, 0.6, 1), seed: 1, permutations: 99 });
  assert.ok(result.measured.status === 'measured' && result.measured.value >= 0.6 && result.pValue > 0.05);
  assert.equal(result.outcome, 'fail');
});

test('an AUC from 0.55 on warns though it is not significant', () => {
  const result = blindBaselineGate({ ...shifted(60, 0.2, 3), seed: 1, permutations: 99 });
  assert.ok(result.measured.status === 'measured' && result.pValue > 0.05);
  assert.ok(result.measured.value >= 0.55 && result.measured.value < 0.6);
  assert.equal(result.outcome, 'warn');
});

test('a difference of spread, which no straight line sees, is found by the other classifiers', () => {
  const data = samples(600, 3, 5, (member, normal) => normal() * (1 + 2 * member));
  const result = blindBaselineGate({ ...data, seed: 1, permutations: 99 });
  assert.equal(result.outcome, 'fail');
  assert.notEqual(result.strongest, 'logistic');
  const logistic = result.perClassifier.find(({ classifier }) => classifier === 'logistic')!;
  assert.ok(logistic.auc.status === 'measured' && logistic.auc.value < 0.6);
});

test('an interaction, which no single column shows, is found by the forest', () => {
  const random = createRandom(6);
  const membership = Uint8Array.from({ length: 1200 }, (_, i) => i % 2);
  const data = new Float64Array(2400);
  membership.forEach((member, i) => {
    const x = random.normal();
    data[2 * i] = x;
    // Members lie in the quadrants of one sign, the others across.
    data[2 * i + 1] = Math.abs(random.normal()) * Math.sign(x) * (member === 1 ? 1 : -1);
  });
  const result = blindBaselineGate({ features: { data, shape: [1200, 2] }, membership, seed: 1, permutations: 99 });
  assert.equal(result.outcome, 'fail');
  assert.equal(result.strongest, 'randomForest');
});

test('the result depends on the seed alone, and inputs are not changed', () => {
  const data = shifted(200, 0.3, 7);
  const before = data.features.data.slice();
  const run = (seed: number) => blindBaselineGate({ ...data, seed, permutations: 19 });
  assert.deepEqual(run(1), run(1));
  assert.notDeepEqual(run(1).scores, run(2).scores);
  assert.deepEqual(data.features.data, before);
});

test('scale and offset of a column change nothing that matters', () => {
  const data = shifted(600, 1, 8);
  const scaled = data.features.data.map((x, k) => (k % 4 === 0 ? 1e6 * x + 3e7 : x));
  const plain = blindBaselineGate({ ...data, seed: 1, permutations: 19 });
  const moved = blindBaselineGate({
    membership: data.membership,
    features: { data: scaled, shape: [600, 4] },
    seed: 1,
    permutations: 19,
  });
  assert.ok(plain.measured.status === 'measured' && moved.measured.status === 'measured');
  assert.ok(Math.abs(plain.measured.value - moved.measured.value) < 1e-6);
});

test('constant columns and more columns than samples are no obstacle', () => {
  const random = createRandom(9);
  const membership = Uint8Array.from({ length: 60 }, (_, i) => i % 2);
  const data = Float64Array.from({ length: 60 * 100 }, (_, k) => (k % 100 < 50 ? 7 : random.normal()));
  const result = blindBaselineGate({ features: { data, shape: [60, 100] }, membership, seed: 1, permutations: 19 });
  assert.ok(result.outcome === 'inconclusive' || result.outcome === 'pass');
  const constant = { data: new Float64Array(60), shape: [60, 1] };
  const flat = blindBaselineGate({ features: constant, membership, seed: 1, permutations: 19 });
  assert.ok(flat.measured.status === 'measured' && Math.abs(flat.measured.value - 0.5) < 1e-12);
});

test('more samples than asked for are thinned, each side in proportion', () => {
  const data = shifted(900, 0, 10);
  const result = blindBaselineGate({ ...data, seed: 1, permutations: 9, mostSamples: 300 });
  assert.equal(result.n, 300);
  assert.equal(result.rows.length, 300);
  assert.equal([...result.rows].filter((row) => data.membership[row] === 1).length, 150);
});

test('an attack no better than blind is told by the paired test on the scores', () => {
  const data = shifted(1000, 1, 11);
  const { scores, rows } = blindBaselineGate({ ...data, seed: 1, permutations: 9 });
  const attack = Float64Array.from(rows, (row) => data.features.data[row * 4]! * 0.5);
  const membership = Uint8Array.from(rows, (row) => data.membership[row]!);
  assert.ok(pairedDelong(attack, scores, membership).pValueGreater > 0.05);
});

test('one class, a handful of samples, or no features are inconclusive with a code', () => {
  const features = { data: new Float64Array(8), shape: [8, 1] };
  const oneClass = blindBaselineGate({ features, membership: new Uint8Array(8), seed: 1 });
  assert.equal(oneClass.outcome, 'inconclusive');
  assert.ok(oneClass.measured.status === 'notMeasured' && oneClass.measured.code === 'ENG_ONE_CLASS_ONLY');
  const few = blindBaselineGate({ features, membership: [1, 1, 1, 0, 0, 0, 0, 0], seed: 1 });
  assert.ok(few.measured.status === 'notMeasured' && few.measured.code === 'ENG_INSUFFICIENT_SAMPLES');
  const none = { data: new Float64Array(0), shape: [8, 0] };
  const blank = blindBaselineGate({ features: none, membership: [1, 1, 1, 1, 0, 0, 0, 0], seed: 1 });
  assert.ok(blank.measured.status === 'notMeasured' && blank.measured.code === 'ENG_INSUFFICIENT_SAMPLES');
});

test('features that are not finite, or do not fit the labels, are refused', () => {
  const membership = Uint8Array.from({ length: 20 }, (_, i) => i % 2);
  const broken = { data: new Float64Array(20).fill(Number.NaN, 3, 5), shape: [20, 1] };
  assert.throws(
    () => blindBaselineGate({ features: broken, membership, seed: 1 }),
    (error) => error instanceof EngramError && error.code === 'ENG_VALUES_NOT_FINITE' && error.details.firstRow === 3,
  );
  assert.throws(
    () => blindBaselineGate({ features: { data: new Float64Array(19), shape: [19, 1] }, membership, seed: 1 }),
    (error) => error instanceof EngramError && error.code === 'ENG_SHAPE_MISMATCH',
  );
  assert.throws(
    () =>
      blindBaselineGate({
        features: { data: new Float64Array(4), shape: [4, 1] },
        membership: [0, 1, 0.5, 1],
        seed: 1,
      }),
    (error) => error instanceof EngramError && error.code === 'ENG_LABEL_OUT_OF_RANGE',
  );
});
