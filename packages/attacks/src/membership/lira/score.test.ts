import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom, normalLogSf, studentLogPdf, studentLogSf } from '@engram/numeric';
import type { ReferenceValues } from '../reference-moments.js';
import { aucOfEven, toySignals } from '../toy-signals.js';
import { liraOverForms } from './augmented-forms.js';
import { liraScores } from './score.js';

const near = (actual: number, expected: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

/** One row per model: [trained on sample 0, its confidence on sample 0, ...]. */
function bank(...rows: readonly (readonly (readonly [number, number])[])[]): ReferenceValues {
  return {
    models: rows.length,
    trainedOn: Uint8Array.from(rows.flatMap((row) => row.map(([trained]) => trained))),
    values: Float64Array.from(rows.flatMap((row) => row.map(([, value]) => value))),
  };
}

// In: 1.5 and 3.5, mean 2.5, standard deviation 1 (divisor k). Out: -1 and 1, mean 0, standard deviation 1.
const hand = bank([[1, 1.5]], [[1, 3.5]], [[0, -1]], [[0, 1]]);
const phi = Float64Array.of(3);

test('online per-sample LiRA at mu_in 2.5, mu_out 0, unit spreads and phi 3 is 4.375', () => {
  near(liraScores(phi, hand, { mode: 'online', variance: 'perSample', location: 'mean' })[0], 4.375);
});

test('offline LiRA gives the z-score, whose log upper tail is -6.607726 at 3', () => {
  const [z] = liraScores(phi, hand, { mode: 'offline', variance: 'perSample', location: 'mean' });
  near(z, 3);
  near(-normalLogSf(z), 6.607726, 5e-7);
});

test('offline LiRA does not call unusually low confidence a member', () => {
  const [low] = liraScores(Float64Array.of(-9), hand, { mode: 'offline', variance: 'moderated', location: 'mean' });
  const [high] = liraScores(phi, hand, { mode: 'offline', variance: 'moderated', location: 'mean' });
  assert.ok(low < high);
});

test("global variance pools deviations from each sample's own location, apart for in and out", () => {
  // In: squares 2 (1.5, 3.5 about 2.5) and 8 (8, 12 about 10), freedom 1 + 1: 5. Out: 2 and 0, freedom 2: 1.
  const two = bank(
    [
      [1, 1.5],
      [1, 8],
    ],
    [
      [1, 3.5],
      [1, 12],
    ],
    [
      [0, -1],
      [0, 7],
    ],
    [
      [0, 1],
      [0, 7],
    ],
  );
  const scores = liraScores(Float64Array.of(3, 9), two, { mode: 'online', variance: 'global', location: 'mean' });
  near(scores[0], -0.5 * Math.log(5) - 0.25 / 10 + 9 / 2);
  near(scores[1], -0.5 * Math.log(5) - 1 / 10 + 4 / 2);
});

test('moderated LiRA is the ratio of Student predictive densities', () => {
  // k = 2, SS = 2, pooled 2: v = (4*2 + 2) / 5 = 2, five degrees of freedom, scale sqrt(2 * 1.5) = sqrt 3.
  const density = (location: number) => studentLogPdf((3 - location) / Math.sqrt(3), 5) - 0.5 * Math.log(3);
  near(
    liraScores(phi, hand, { mode: 'online', variance: 'moderated', location: 'auto' })[0],
    density(2.5) - density(0),
  );
  near(
    liraScores(phi, hand, { mode: 'offline', variance: 'moderated', location: 'auto' })[0],
    -studentLogSf(3 / Math.sqrt(3), 5),
  );
});

test('a sample with one model on a side borrows the pooled variance', () => {
  const uneven = bank(
    [
      [1, 1.5],
      [1, 5],
    ],
    [
      [1, 3.5],
      [0, 5],
    ],
    [
      [0, -1],
      [0, 3],
    ],
    [
      [0, 1],
      [0, 4],
    ],
  );
  const scores = liraScores(Float64Array.of(3, 4), uneven, { mode: 'online', variance: 'moderated', location: 'mean' });
  assert.ok(scores.every(Number.isFinite));
});

test('the location is a median from eight models on, when left to choose', () => {
  const values = [0, 0, 0, 0, 0, 0, 0, 80];
  const many = bank(...values.map((value) => [[0, value] as const]));
  const z = (location: 'auto' | 'mean' | 'median') =>
    liraScores(Float64Array.of(0), many, { mode: 'offline', variance: 'perSample', location })[0];
  assert.equal(z('auto'), z('median'));
  assert.equal(z('median'), 0);
  assert.ok(z('mean') < 0);
});

test('models that agree exactly are refused where a variance is pooled', () => {
  const saturated = bank([[1, 9]], [[1, 9]], [[0, 9]], [[0, 9]]);
  for (const variance of ['global', 'moderated'] as const)
    assert.throws(
      () => liraScores(phi, saturated, { mode: 'online', variance, location: 'mean' }),
      (error: unknown) => error instanceof EngramError && error.code === 'ENG_SATURATED_OUTPUTS',
    );
});

test('with many models and true Gaussians the AUC is that of the shift, Phi(1/sqrt 2) = 0.760250', () => {
  const n = 4000;
  const models = 128;
  const random = createRandom(15);
  const ease = Float64Array.from({ length: n }, () => 3 * random.normal());
  const trainedOn = Uint8Array.from({ length: models * n }, () => random.integer(2));
  const values = Float64Array.from(trainedOn, (trained, at) => ease[at % n] + trained + random.normal());
  const target = ease.map((value, i) => value + 1 - (i % 2) + random.normal());
  // Standard error of the AUC 0.0075; 64 models a side cost about 0.005.
  for (const variance of ['perSample', 'global', 'moderated'] as const) {
    const scores = liraScores(target, { models, trainedOn, values }, { mode: 'online', variance, location: 'mean' });
    near(aucOfEven(scores), 0.76025, 0.03);
  }
  const raw = aucOfEven(target);
  near(raw, 0.588468, 0.03);
});

test('several forms of a sample are fitted each by itself and their log ratios averaged', () => {
  const n = 40;
  const { target, reference } = toySignals(n, 16, 3);
  const params = { mode: 'online', variance: 'moderated', location: 'auto' } as const;
  const forms = 18;
  const answers = reference.queryConfidence!.data;
  const expected = new Float64Array(n);
  for (let form = 0; form < 2; form += 1) {
    const values = Float64Array.from(reference.trainedOn, (_, at) => {
      const model = Math.floor(at / n);
      return answers[(model * forms + form) * n + (at % n)];
    });
    const phi = target.queryConfidence!.data.slice(form * n, (form + 1) * n);
    liraScores(phi, { ...reference, values }, params).forEach((score, i) => {
      expected[i] += score / 2;
    });
  }
  liraOverForms(target.queryConfidence!, reference, 2, params).forEach((score, i) => {
    near(score, expected[i], 1e-9);
  });
});

test('asking about one form is asking about the sample, up to the float32 references keep', () => {
  const { target, reference } = toySignals(40, 16, 3);
  const params = { mode: 'offline', variance: 'global', location: 'mean' } as const;
  const once = liraScores(target.scaledConfidence!, { ...reference, values: reference.scaledConfidence! }, params);
  liraOverForms(target.queryConfidence!, reference, 1, params).forEach((score, i) => {
    near(score, once[i], 1e-5);
  });
});
