import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { parseAttackRequest } from './attack-request.js';
import { labelMargins, modifiedEntropies, predictionEntropies } from './probability-summary.js';
import type { MembershipSignals, ProbabilitySummary } from './signals.js';
import { toySignals } from './toy-signals.js';

const signals = toySignals(1000, 8, 21);

/** What would be kept of the target if it were a reference model. */
function summaryOf({ labels, target }: Required<MembershipSignals>): ProbabilitySummary {
  const { data } = target.logProbabilities!;
  return {
    entropy: Float32Array.from(predictionEntropies(target)),
    modifiedEntropy: modifiedEntropies(target, labels),
    margin: labelMargins(target, labels),
    topProbabilities: {
      data: Float32Array.from(data, (_, at) => {
        const row = data.slice(3 * Math.floor(at / 3), 3 * Math.floor(at / 3) + 3).sort();
        return Math.exp(row[2 - (at % 3)]);
      }),
      shape: [1000, 3],
    },
  };
}

function inSummary(probabilitySummary: ProbabilitySummary): MembershipSignals {
  const { logProbabilities: _whole, ...target } = signals.target;
  return { ...signals, target: { ...target, probabilitySummary } };
}

for (const id of ['entropy', 'modifiedEntropy', 'quantile', 'shadowClassifier'] as const) {
  test(`${id} scores a model of which a summary was kept as it scores one that tells every class`, () => {
    const attack = parseAttackRequest(id);
    const whole = attack.score(signals, { seed: 1 });
    attack.score(inSummary(summaryOf(signals)), { seed: 1 }).forEach((score, i) => {
      // Entropy is kept in float32.
      assert.ok(Math.abs(score - whole[i]) <= 1.2e-7 * Math.max(1, Math.abs(whole[i])), `${score}, not ${whole[i]}`);
    });
  });
}

test('a summary of other samples, or with values that are no numbers, is refused', () => {
  const summary = summaryOf(signals);
  for (const [margin, code] of [
    [summary.margin.slice(1), 'ENG_SHAPE_MISMATCH'],
    [summary.margin.map(() => Number.NaN), 'ENG_VALUES_NOT_FINITE'],
  ] as const)
    assert.throws(
      () => parseAttackRequest('quantile').score(inSummary({ ...summary, margin }), { seed: 1 }),
      (error: unknown) => error instanceof EngramError && error.code === code,
    );
});
