import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngramError, type ErrorCode } from '@engram/domain';
import { createRandom, spearman } from '@engram/numeric';
import { z } from 'zod';
import { parameterGrid } from '../parameter-grid.js';
import { difficultyEstimators } from './catalog.js';
import { estimatorRequest, parseEstimatorRequest } from './estimator-request.js';
import { availableForDifficulty, missingDifficultyRequirements, thinDifficultyRequirements } from './requirements.js';
import type { DifficultySignals } from './signals.js';

const planned = difficultyEstimators.flatMap((estimator) =>
  parameterGrid(estimator.params).map((params) => parseEstimatorRequest({ estimator: estimator.id, ...params })),
);
const refused = (code: ErrorCode) => (error: unknown) => error instanceof EngramError && error.code === code;

/** A run whose samples are learned one after another, hard ones last; hardness in [0, 1]. */
function toySignals(n: number, seed: number) {
  const random = createRandom(seed);
  const hardness = Float64Array.from({ length: n }, () => random.uniform());
  const steps = [0, 1, 3, 10, 30, 60, 100, 300, 600, 1000];
  const loss = Float64Array.from({ length: steps.length * n }, (_, at) => {
    const learned = Math.log1p(steps[Math.floor(at / n)]) / Math.log1p(1000);
    return Math.log1p(Math.exp(4 * hardness[at % n] - 6 * learned + 1.5 + 0.1 * random.normal()));
  });
  const el2n = loss.map((value) => Math.SQRT2 * -Math.expm1(-value));
  const signals: DifficultySignals = {
    samples: n,
    trajectory: {
      steps,
      totalSteps: 1000,
      batchSize: 20,
      trainingSize: 400,
      learningRates: steps.map(() => 0.1),
      loss,
      el2n,
      gradientNorm: el2n.map((value) => 3 * value),
      correct: Uint8Array.from(loss, (value) => (value < Math.LN2 + 0.3 * random.normal() ? 1 : 0)),
    },
    finalModel: { loss: loss.slice(-n), el2n: el2n.slice(-n), gradientNorm: el2n.slice(-n).map((value) => 3 * value) },
  };
  return { hardness, signals };
}

function permute(
  { samples: n, trajectory, finalModel }: DifficultySignals,
  order: readonly number[],
): DifficultySignals {
  const rows = (values: ArrayLike<number>) =>
    Float64Array.from({ length: values.length }, (_, at) => values[Math.floor(at / n) * n + order[at % n]]);
  return {
    samples: n,
    trajectory: {
      ...trajectory!,
      loss: rows(trajectory!.loss!),
      el2n: rows(trajectory!.el2n!),
      gradientNorm: rows(trajectory!.gradientNorm!),
      correct: rows(trajectory!.correct!),
    },
    finalModel: {
      loss: rows(finalModel!.loss!),
      el2n: rows(finalModel!.el2n!),
      gradientNorm: rows(finalModel!.gradientNorm!),
    },
  };
}

for (const estimator of planned) {
  describe(estimator.scoreId, () => {
    test('ranks samples that are learned late as harder', () => {
      const { hardness, signals } = toySignals(300, 1);
      const { difficulty } = estimator.estimate(signals);
      assert.ok(difficulty.every(Number.isFinite));
      // Forgetting ties most samples and counts noise; the others are near one.
      assert.ok(spearman(difficulty, hardness) > (estimator.estimator === 'forgetting' ? 0.05 : 0.8));
    });

    test('permutes its difficulties with the samples', () => {
      const { signals } = toySignals(50, 2);
      const order = createRandom(3).shuffle(Array.from({ length: 50 }, (_, i) => i));
      const { difficulty } = estimator.estimate(signals);
      estimator.estimate(permute(signals, order)).difficulty.forEach((value, i) => {
        assert.ok(Math.abs(value - difficulty[order[i]]) <= 1e-9 * Math.max(1, Math.abs(value)));
      });
    });

    test('gives the same twice, leaves its inputs alone, and hands out arrays of its own', () => {
      const { signals } = toySignals(20, 4);
      const before = structuredClone(signals);
      const first = estimator.estimate(signals);
      assert.deepEqual(estimator.estimate(signals), first);
      first.difficulty.fill(7);
      assert.deepEqual(signals, before);
    });

    test('says what is missing before it runs, and refuses to run without it', () => {
      const bare = { samples: 5 };
      const missing = missingDifficultyRequirements(estimator.requires, availableForDifficulty(bare));
      assert.equal(missing.length, estimator.requires.length);
      assert.ok(missing.every(({ message, remedy }) => /^expected .*, got /.test(message) && remedy.endsWith('.')));
      assert.throws(() => estimator.estimate(bare), refused('ENG_ESTIMATOR_NOT_APPLICABLE'));
      const { signals } = toySignals(5, 5);
      assert.deepEqual(missingDifficultyRequirements(estimator.requires, availableForDifficulty(signals)), []);
      assert.deepEqual(thinDifficultyRequirements(estimator.requires, availableForDifficulty(signals)), []);
    });

    test('refuses NaN, arrays of other lengths and no samples', () => {
      const { signals } = toySignals(10, 6);
      for (const { from, reads } of estimator.requires) {
        const changed = (change: (values: Float64Array) => ArrayLike<number>) => {
          const part = structuredClone(signals[from]!) as Record<string, unknown>;
          return { ...signals, [from]: { ...part, [reads]: change(Float64Array.from(part[reads] as Float64Array)) } };
        };
        const nan = changed((values) => values.fill(Number.NaN, 3, 4));
        assert.throws(() => estimator.estimate(nan), refused('ENG_VALUES_NOT_FINITE'));
        const short = changed((values) => values.slice(1));
        assert.throws(() => estimator.estimate(short), refused('ENG_SHAPE_MISMATCH'));
      }
      assert.throws(() => estimator.estimate(toySignals(0, 7).signals), refused('ENG_INSUFFICIENT_SAMPLES'));
    });

    test('is called weak where only the final model is read', () => {
      const { kind } = estimator.estimate(toySignals(10, 8).signals);
      assert.equal(kind === 'weak', estimator.requires[0].from === 'finalModel');
    });
  });
}

test('steps out of order are refused', () => {
  const { signals } = toySignals(5, 9);
  const steps = [0, 3, 1, 10, 30, 60, 100, 300, 600, 1000];
  assert.throws(
    () => parseEstimatorRequest('loss').estimate({ ...signals, trajectory: { ...signals.trajectory!, steps } }),
    refused('ENG_SHAPE_MISMATCH'),
  );
});

test('few recorded moments are thin for privacy loss, and one too few for forgetting', () => {
  const available = { trajectory: { moments: 1, signals: ['gradientNorm', 'correct'] as const }, finalModel: [] };
  assert.equal(thinDifficultyRequirements(parseEstimatorRequest('privacyLoss').requires, available).length, 1);
  assert.equal(missingDifficultyRequirements(parseEstimatorRequest('forgetting').requires, available).length, 1);
});

test('a private training run with its clip and noise gives an estimate, any other a heuristic', () => {
  const { signals } = toySignals(20, 10);
  const kind = (params: object) =>
    parseEstimatorRequest({ estimator: 'privacyLoss', ...params }).estimate(signals).kind;
  assert.equal(kind({ clip: 1, noiseMultiplier: 1 }), 'estimate');
  assert.equal(kind({ clip: 1 }), 'heuristic');
  assert.equal(kind({}), 'heuristic');
});

test('copies make a sample harder, and those beyond what is summed are told', () => {
  const { signals } = toySignals(20, 11);
  const copies = Int32Array.from({ length: 20 }, (_, i) => (i === 4 ? 40 : 1));
  const estimator = parseEstimatorRequest('privacyLoss');
  const alone = estimator.estimate(signals);
  const copied = estimator.estimate({ ...signals, copies });
  assert.ok(copied.difficulty[4] > 2 * alone.difficulty[4]);
  assert.equal(copied.difficulty[5], alone.difficulty[5]);
  assert.ok(copied.notes.some((note) => note.includes('16 copies')));
});

test('score ids are unique over parameters, and the request schema describes every estimator', () => {
  const ids = planned.map(({ scoreId }) => scoreId);
  assert.equal(new Set(ids).size, ids.length);
  const described = JSON.stringify(z.toJSONSchema(estimatorRequest, { io: 'input' }));
  for (const { id } of difficultyEstimators) assert.ok(described.includes(`"const":"${id}"`), id);
  assert.throws(() => parseEstimatorRequest('gradNorm'), refused('ENG_REQUEST_INVALID'));
});
