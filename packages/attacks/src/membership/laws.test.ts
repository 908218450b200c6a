import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngramError, type ErrorCode } from '@engram/domain';
import fc from 'fast-check';
import { z } from 'zod';
import { parameterGrid } from '../parameter-grid.js';
import { membershipAttackRequest, parseAttackRequest } from './attack-request.js';
import { availableSignals } from './available-signals.js';
import { membershipAttacks } from './catalog.js';
import { missingRequirements } from './missing-requirements.js';
import { isRequiredOf } from './required-of.js';
import { holdsFloats, truncated, without, withValue } from './signal-damage.js';
import {
  aucOf,
  aucOfEven,
  permuteSamples,
  toyMeasures,
  toyReferenceAsTarget,
  toySignals as toySignalsOf,
} from './toy-signals.js';

const context = { seed: 7 };
const planned = [
  ...membershipAttacks.flatMap((attack) =>
    parameterGrid(attack.params).map((params) => parseAttackRequest({ attack: attack.id, ...params })),
  ),
  parseAttackRequest({ attack: 'rmia', mode: 'offline', offlineA: 'tuned' }),
  parseAttackRequest({ attack: 'loss', perClass: true }),
  parseAttackRequest({ attack: 'modifiedEntropy', perClass: true }),
  parseAttackRequest({ attack: 'rmia', probability: 'taylor', temperature: 2, trimmed: true }),
  parseAttackRequest({ attack: 'rmia', mode: 'offline', offlineA: 'tuned', temperature: 2, trimmed: true }),
  parseAttackRequest({ attack: 'fusion', of: ['loss', 'lira', 'rmia', 'gradientNorm'] }),
];

function code(expected: ErrorCode) {
  return (error: unknown) => error instanceof EngramError && error.code === expected;
}

/** Standard error of an AUC under chance. */
function chanceError(members: number, nonMembers: number): number {
  return Math.sqrt((members + nonMembers + 1) / (12 * members * nonMembers));
}

for (const attack of planned) {
  describe(attack.scoreId, () => {
    // Every fourth toy sample is set aside: at least as many samples as an attack that learns from those needs.
    const least =
      4 * Math.max(0, ...attack.requires.map((needs) => (needs.signal === 'calibration' ? needs.minimum : 0)));
    // The toy model is a classifier.
    const required = attack.requires.filter((needs) => isRequiredOf(needs, {}));
    const exactly = (n: number, models: number, seed: number, lift?: number) =>
      toyMeasures(toySignalsOf(n, models, seed, lift), attack.requires, seed);
    const toySignals = (n: number, models: number, seed: number) => exactly(Math.max(n, least), models, seed);

    test('puts members of an overfit model above non-members', () => {
      const scores = attack.score(toySignals(400, 16, 1), context);
      // Under chance the standard error at 200 + 200 is 0.029; the shift is 2 nats.
      assert.ok(aucOfEven(scores) > 0.6, `AUC ${aucOfEven(scores)}`);
    });

    test('finds nothing in a target that remembers nothing', () => {
      const n = Math.max(800, least);
      const auc = aucOfEven(attack.score(exactly(n, 16, 11, 0), context));
      assert.ok(Math.abs(auc - 0.5) < 4 * chanceError(n / 2, n / 2), `AUC ${auc}`);
    });

    test('does not read membership off the masks of reference models', () => {
      // A reference that remembers nothing takes the target's place: only masks could tell what it trained on. It trained
      // on half of what was set aside.
      const bank = exactly(Math.max(800, 3 * least), 16, 12, 0);
      const { signals, membership } = toyReferenceAsTarget(bank, 3);
      const members = membership.reduce((sum, mark) => sum + mark, 0);
      const auc = aucOf(attack.score(toyMeasures(signals, attack.requires, 12), context), membership);
      assert.ok(Math.abs(auc - 0.5) < 4 * chanceError(members, membership.length - members), `AUC ${auc}`);
    });

    test('permutes its scores with the samples', () => {
      const signals = toySignals(40, 8, 2);
      const scores = attack.score(signals, context);
      const all = [...scores.keys()];
      fc.assert(
        fc.property(fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }), (order) => {
          const permuted = attack.score(permuteSamples(signals, order), context);
          order.forEach((from, i) => {
            // Sums over samples are taken in another order.
            assert.ok(Math.abs(permuted[i] - scores[from]) <= 1e-9 * Math.max(1, Math.abs(scores[from])));
          });
        }),
        { numRuns: 5, seed: 1 },
      );
    });

    test('gives the same scores for the same seed and leaves its inputs alone', () => {
      const signals = toySignals(30, 8, 3);
      const before = structuredClone(signals);
      const scores = attack.score(signals, context);
      assert.deepEqual(signals, before);
      assert.deepEqual(attack.score(signals, context), scores);
    });

    test('does not depend on the order of reference models', () => {
      const signals = toySignals(30, 8, 4);
      const { reference } = structuredClone(signals);
      for (const values of [
        reference.trainedOn,
        reference.loss,
        reference.scaledConfidence!,
        reference.correct!,
        reference.entropy!,
        reference.modifiedEntropy!,
        reference.margin!,
        reference.topProbabilities!.data,
        reference.queryConfidence!.data,
        ...Object.values(reference.lossUnder ?? {}).map(({ data }) => data),
        ...Object.values(reference.measured ?? {}).map(({ data }) => data),
      ]) {
        const width = values.length / 8;
        const rows = Array.from({ length: 8 }, (_, k) => values.slice(k * width, (k + 1) * width)).reverse();
        rows.forEach((row, k) => {
          values.set(row, k * width);
        });
      }
      const scores = attack.score(signals, context);
      attack.score({ ...signals, reference }, context).forEach((score, i) => {
        assert.ok(Math.abs(score - scores[i]) <= 1e-9 * Math.max(1, Math.abs(scores[i])));
      });
    });

    test('refuses NaN in every signal it reads', () => {
      for (const requirement of required.filter(holdsFloats))
        assert.throws(
          () => attack.score(withValue(toySignals(20, 8, 5), requirement, Number.NaN), context),
          code('ENG_VALUES_NOT_FINITE'),
          requirement.signal,
        );
    });

    test('refuses infinite values in every signal it reads but log-probabilities of 0', () => {
      for (const requirement of required) {
        if (!holdsFloats(requirement) || requirement.signal === 'probabilities') continue;
        assert.throws(
          () => attack.score(withValue(toySignals(20, 8, 5), requirement, -Infinity), context),
          code('ENG_VALUES_NOT_FINITE'),
          requirement.signal,
        );
      }
    });

    test('says what is missing before it runs, and refuses to run without it', () => {
      for (const requirement of required) {
        const signals = without(toySignals(20, 8, 6), requirement);
        const missing = missingRequirements(attack.requires, availableSignals(signals));
        assert.ok(missing.some((fault) => fault.requirement.signal === requirement.signal));
        assert.ok(missing.every(({ message, remedy }) => /^expected .*, got /.test(message) && remedy.endsWith('.')));
        assert.throws(() => attack.score(signals, context), code('ENG_ATTACK_NOT_APPLICABLE'));
      }
    });

    test('gives finite scores for confidences of ±500 nats', () => {
      const signals = structuredClone(toySignals(20, 8, 7));
      signals.target.scaledConfidence!.set([500, -500]);
      signals.target.loss!.set([0, 500]);
      signals.target.logProbabilities!.data.set([0, -Infinity, -Infinity, -500, -500, 0]);
      signals.reference.scaledConfidence!.set([500, -500]);
      signals.reference.loss.set([0, 500]);
      assert.ok(attack.score(signals, context).every(Number.isFinite));
    });

    test('gives tied samples tied scores, or says that nothing differs', () => {
      const signals = structuredClone(toySignals(20, 8, 8));
      for (const values of [
        signals.labels,
        signals.target.loss!,
        signals.target.scaledConfidence!,
        signals.reference.loss,
        signals.reference.scaledConfidence!,
        signals.target.correct!,
        signals.reference.correct!,
        signals.reference.entropy!,
        signals.covariates.data,
        signals.target.queryConfidence!.data,
        signals.reference.queryConfidence!.data,
        ...Object.values(signals.target.lossUnder!).map(({ data }) => data),
        ...Object.values(signals.reference.lossUnder!).map(({ data }) => data),
        ...Object.values(signals.target.measured!).map(({ data }) => data),
        ...Object.values(signals.reference.measured ?? {}).map(({ data }) => data),
      ])
        values.fill(1);
      signals.target.logProbabilities!.data.fill(-Math.log(3));
      signals.reference.topProbabilities!.data.fill(1 / 3);
      try {
        const scores = attack.score(signals, context);
        assert.ok(scores.every((score) => score === scores[0]));
      } catch (error) {
        assert.ok(code('ENG_SATURATED_OUTPUTS')(error), String(error));
      }
    });

    test('refuses an empty audit set, and scores one sample or says what more it needs', () => {
      assert.throws(() => attack.score(exactly(0, 8, 9), context), code('ENG_INSUFFICIENT_SAMPLES'));
      try {
        assert.equal(attack.score(exactly(1, 8, 9), context).length, 1);
      } catch (error) {
        assert.ok(code('ENG_ATTACK_NOT_APPLICABLE')(error), String(error));
      }
    });

    test('refuses arrays whose lengths disagree', () => {
      for (const requirement of required)
        assert.throws(
          () => attack.score(truncated(toySignals(20, 8, 10), requirement), context),
          code('ENG_SHAPE_MISMATCH'),
          requirement.signal,
        );
    });
  });
}

test('score ids are unique over parameters and can name a column', () => {
  const ids = planned.map(({ scoreId }) => scoreId);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[A-Za-z][A-Za-z0-9_-]*$/);
});

test('the request schema describes every attack in JSON Schema', () => {
  const described = JSON.stringify(z.toJSONSchema(membershipAttackRequest, { io: 'input' }));
  for (const attack of membershipAttacks) assert.ok(described.includes(`"const":"${attack.id}"`), attack.id);
});
