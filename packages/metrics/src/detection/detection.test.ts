import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom, ksOneSample } from '@engram/numeric';
import fc from 'fast-check';
import { benjaminiHochberg, conformalPValues, conformalThreshold, holm, splitHalves } from '../index.js';

test('conformal p-values count controls at or above, ties against the claim', () => {
  assert.deepEqual([...conformalPValues([5, 3, 0], [1, 2, 3, 4])], [1 / 5, 3 / 5, 1]);
});

test('conformal p-values of exchangeable scores are valid, and a shift is found', () => {
  const random = createRandom(17);
  const level = 0.05;
  const runs = 100;
  const perRun = 100;
  let small = 0;
  for (let run = 0; run < runs; run += 1) {
    const controls = Float64Array.from({ length: 999 }, () => random.normal());
    const pValues = conformalPValues(
      Float64Array.from({ length: perRun }, () => random.normal()),
      controls,
    );
    small += pValues.filter((p) => p <= level).length;
  }
  // Spread of a share over runs that share controls within each: binomial plus the controls' own.
  const spread = Math.sqrt(level * (1 - level) * (1 / (runs * perRun) + 1 / (runs * 1000)));
  assert.ok(small / (runs * perRun) <= level + 3 * spread);
  const shifted = conformalPValues(
    Float64Array.from({ length: 500 }, () => random.normal() + 6),
    Float64Array.from({ length: 999 }, () => random.normal()),
  );
  assert.ok(shifted.every((p) => p <= level));
});

test('conformal p-values are uniform under the null', () => {
  const random = createRandom(18);
  const controls = () => Float64Array.from({ length: 4999 }, () => random.uniform());
  const pValues = Array.from({ length: 300 }, () => conformalPValues([random.uniform()], controls())[0]!);
  assert.ok(ksOneSample(pValues, (p) => p).pValue > 0.001);
});

test('the conformal threshold is the stated order statistic', () => {
  const controls = Float64Array.from({ length: 999 }, (_, i) => 998 - i);
  // ceil(1000 x 0.99) = 990th smallest of 0..998.
  assert.deepEqual(conformalThreshold(controls, 0.01), { status: 'measured', threshold: 989, rank: 990 });
  const refused = conformalThreshold([1, 2, 3], 0.01);
  assert.ok(refused.status === 'notMeasured' && refused.code === 'ENG_INSUFFICIENT_SAMPLES');
  assert.equal(conformalThreshold(controls.slice(0, 99), 0.01).status, 'measured');
  assert.equal(conformalThreshold(controls.slice(0, 98), 0.01).status, 'notMeasured');
});

test('no controls and NaN are refused', () => {
  assert.throws(() => conformalPValues([1], []), EngramError);
  assert.throws(() => conformalPValues([Number.NaN], [1]), EngramError);
  assert.throws(() => conformalPValues([1], [Number.NaN]), EngramError);
});

test('Benjamini-Hochberg q-values match scipy', () => {
  // scipy 1.17.1 stats.false_discovery_control.
  const pValues = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216];
  const want = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.1057142857142857, 0.216, 0.216, 0.216];
  const found = benjaminiHochberg(pValues, 0.05);
  want.forEach((q, i) => {
    assert.ok(Math.abs(found.qValues[i]! - q) < 1e-15);
  });
  assert.deepEqual([...found.rejected], [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(found.count, 2);
});

test('Benjamini-Hochberg on conformal p-values returns nothing in most null runs', () => {
  const random = createRandom(19);
  const runs = 200;
  const q = 0.1;
  let empty = 0;
  for (let run = 0; run < runs; run += 1) {
    const controls = Float64Array.from({ length: 2000 }, () => random.normal());
    const scores = Float64Array.from({ length: 50 }, () => random.normal());
    if (benjaminiHochberg(conformalPValues(scores, controls), q).count === 0) empty += 1;
  }
  assert.ok(empty / runs >= 1 - q - 3 * Math.sqrt((q * (1 - q)) / runs), `${empty} of ${runs} runs were empty`);
});

test('Holm multiplies by the hypotheses left and never falls below Bonferroni of the smallest', () => {
  assert.deepEqual([...holm([0.01, 0.04, 0.03])], [0.03, 0.06, 0.06]);
  assert.deepEqual([...holm([])], []);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }), (pValues) => {
      const adjusted = holm(pValues);
      const { qValues } = benjaminiHochberg(pValues, 0.05);
      pValues.forEach((p, i) => {
        assert.ok(adjusted[i]! >= p && adjusted[i]! <= 1);
        assert.ok(qValues[i]! <= adjusted[i]! + 1e-12);
      });
    }),
  );
  assert.throws(() => holm([0.5, Number.NaN]), EngramError);
  assert.throws(() => benjaminiHochberg([1.5], 0.1), EngramError);
});

test('half of the samples, drawn by the seed, are put on either side', () => {
  const halves = splitHalves(401, 1);
  assert.equal(
    halves.reduce((sum, half) => sum + half, 0),
    200,
  );
  assert.deepEqual(splitHalves(401, 1), halves);
  assert.notDeepEqual(splitHalves(401, 2), halves);
});
