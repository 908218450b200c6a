import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, normalQuantile } from '@engram/numeric';
import { correctForMultiplicity } from './correct-for-multiplicity.js';
import { noControl } from './gates/control-gates.js';
import { measureAttack } from './measure-attack.js';
import { samplesToSettle } from './samples-to-settle.js';
import { concludeMembership } from './verdict.js';

test('one attack needs an interval narrower than 0.05: the null standard error at 1.96 each way', () => {
  const { perSide } = samplesToSettle({ confidence: 0.95, attacks: 1, rates: [] });
  // (2n + 1) / (12 n^2) <= (0.05 / 3.92)^2 from n = 1026 on; given to two digits, upwards.
  assert.equal(perSide, 1100);
});

test('more attacks, and rates, ask for no fewer', () => {
  const needed = (attacks: number, rates: readonly number[]) =>
    samplesToSettle({ confidence: 0.95, attacks, rates }).perSide;
  assert.ok(needed(1, []) < needed(2, []) && needed(2, []) < needed(8, []));
  assert.ok(needed(1, [0.01]) >= needed(1, []) && needed(1, [0.001]) > needed(1, [0.01]));
  assert.ok(samplesToSettle({ confidence: 0.99, attacks: 1, rates: [] }).perSide > needed(1, []));
});

test('audits of that size are settled whatever the truth, smaller ones often not', () => {
  const share = (perSide: number, shift: number) => {
    let settled = 0;
    for (let run = 0; run < 40; run += 1) {
      const random = createRandom(1000 * run + perSide);
      const membership = Uint8Array.from({ length: 2 * perSide }, (_, i) => i % 2);
      const scores = Float64Array.from(membership, (member) => random.normal() + shift * member);
      const result = measureAttack({
        chosen: { attack: 'loss', scoreId: 'loss', params: {} },
        primaryScores: null,
        scores,
        membership,
        calibrationScores: new Float64Array(0),
        control: { auc: noControl(0), scores: null },
        referenceModels: 0,
        fpr: [0.01],
        confidence: 0.95,
        seed: run,
        blind: { scored: null },
      });
      const judged = { members: perSide, nonMembers: perSide, confidence: 0.95 };
      if (concludeMembership(correctForMultiplicity([result]), [], judged).verdict !== 'inconclusive') settled += 1;
    }
    return settled / 40;
  };
  const { perSide } = samplesToSettle({ confidence: 0.95, attacks: 1, rates: [0.01] });
  // AUCs of 0.5, 0.525 (the hardest: halfway), 0.55 and 0.6: a shift of sqrt(2) z_AUC.
  for (const auc of [0.5, 0.525, 0.55, 0.6]) {
    const shift = Math.SQRT2 * normalQuantile(auc);
    assert.equal(share(perSide, shift), 1, `AUC ${auc}`);
  }
  assert.ok(share(Math.round(perSide / 5), Math.SQRT2 * normalQuantile(0.525)) < 0.8);
});
