import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type MembershipSignals, parseAttackRequest, type ReferenceSignals } from '@engram/attacks';
import { type Gate, retrainedTargetsReport } from '@engram/contract';
import { type Measured, notMeasured } from '@engram/domain';
import { clopperPearson } from '@engram/metrics';
import { createRandom } from '@engram/numeric';
import { type AttackGround, measureScored } from '../run-attack.js';
import { scoreWithControl } from '../score-with-control.js';
import { besideRetrained, retrainedTargets } from './retrained-targets.js';

const side = 100;
const n = 2 * side;
const membership = Uint8Array.from({ length: n }, (_, i) => Number(i < side));

/** Losses of non-members are 1, 2, … 100; those of members lower by `gap`. */
const losses = (gap: number) => Float64Array.from({ length: n }, (_, i) => 1 + (i % side) - gap * membership[i]);

/** Models that say these losses; of members they get all right, of non-members none. */
function models(rows: readonly Float64Array[]): ReferenceSignals {
  return {
    models: rows.length,
    trainedOn: new Uint8Array(rows.length * n),
    loss: Float64Array.from(rows.flatMap((row) => [...row])),
    correct: Uint8Array.from(rows.flatMap(() => [...membership])),
  };
}

function audit(gaps: readonly number[], { gap = 20, gates = [] as readonly Gate[], attacks = ['loss'] as const } = {}) {
  const signals: MembershipSignals = { target: { loss: losses(gap) } };
  const ground: AttackGround = {
    signals,
    membership,
    blind: { scored: null },
    fpr: [0.1],
    confidence: 0.95,
    seed: 1,
  };
  const planned = attacks.map((attack) => parseAttackRequest({ attack }));
  const results = planned.map(({ attack, scoreId, params, ...rest }) =>
    measureScored(
      { attack, scoreId, params, ...rest },
      { attack, scoreId, params },
      scoreWithControl(
        { attack, scoreId, params, ...rest },
        { ...ground, clippedShare: 0, referenceClippedShare: 0, leak: null },
      ),
      ground,
      null,
    ),
  );
  const retrained = {
    signals: models(gaps.map(losses)),
    populationLoss: null,
    populationLossUnder: {},
    areGiven: false,
  };
  const target = { accuracyMembers: clopperPearson(90, 100), accuracyNonMembers: clopperPearson(0, 100) };
  const sampleIds = Array.from({ length: n }, (_, i) => `s${i}`);
  return retrainedTargets({
    retrained,
    attacks: planned,
    results,
    ground,
    gates: [...gates],
    target,
    sampleIds,
  });
}

/** AUC of the loss attack when members are `gap` places lower: pairs (a, b) of 1 … 100 with b > a - gap, ties half. */
function aucOf(gap: number): number {
  let wins = 0;
  for (let a = 1; a <= side; a += 1)
    for (let b = 1; b <= side; b += 1) wins += b > a - gap ? 1 : b === a - gap ? 0.5 : 0;
  return wins / side ** 2;
}

const range = ({ retrained }: { readonly retrained: Measured }) =>
  retrained.status === 'measured'
    ? [retrained.low, retrained.value, retrained.high, retrained.n, retrained.confidence]
    : assert.fail(retrained.reason);
const close = (got: readonly number[], expected: readonly number[]) =>
  got.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]) < 1e-12, `${got} and ${expected}`);
  });

describe('attacks on retrained targets', () => {
  const { section, columns, limits } = audit([10, 30, 15, 25, 12]);
  retrainedTargetsReport.parse(section);

  it('tells least, median and largest beside the audited model, and how surely the median lies between', () => {
    const [{ auc, tprAtFpr, primary }] = section.attacks;
    // 1 - 2^(1 - 5) = 15/16.
    close(range(auc), [aucOf(10), aucOf(15), aucOf(30), 5, 15 / 16]);
    assert.ok(auc.audited.status === 'measured' && Math.abs(auc.audited.value - aucOf(20)) < 1e-12);
    assert.deepEqual([auc.outside, primary, section.count, section.outsideByChance], [false, true, 5, 1 / 3]);
    // Ten non-members may be flagged: those with losses 1 to 10. Members a to a + 10 - 1 + gap are at or below 10.
    close(range(tprAtFpr[0]), [0.2, 0.25, 0.4, 5, 15 / 16]);
    assert.equal(tprAtFpr[0].fpr, 0.1);
  });

  it('says when the audited model is unlike any of them', () => {
    assert.equal(audit([5, 6, 7, 8, 9]).section.attacks[0].auc.outside, true);
    assert.equal(audit([50, 60, 70, 80, 90]).section.attacks[0].auc.outside, true);
  });

  it('flags at the lowest rate measured: members of loss up to 20, 40, 25, 35 and 22 in the five', () => {
    const { flags } = section;
    // Four of the five flag the first 22 members; the audited model flags 30.
    assert.deepEqual([flags?.fpr, flags?.needed, flags?.reliablyExposed, flags?.flaggedOnAudited], [0.1, 4, 22, 30]);
    assert.deepEqual(flags?.reproduced, clopperPearson(22, 30));
    assert.deepEqual(flags?.nonMembers, clopperPearson(10, 100));
    assert.deepEqual(flags?.sampleIds.slice(0, 2), ['s0', 's1']);
    assert.deepEqual([...columns.flaggedShare.subarray(19, 23)], [1, 0.8, 0.8, 0.6]);
    assert.deepEqual(limits, []);
  });

  it('says how alike they are in what they get right', () => {
    assert.equal(section.accuracyMembers?.outside, true);
    assert.equal(section.accuracyNonMembers?.outside, false);
    close(range(section.accuracyMembers!), [1, 1, 1, 5, 15 / 16]);
  });

  it('calls nobody exposed by fewer than five, or where a gate failed, and says why', () => {
    const few = audit([10, 20, 30]);
    assert.deepEqual([few.section.flags, few.columns], [null, {}]);
    assert.match(few.limits[0], /takes 5 of them, and 3 were trained/);
    const gate: Gate = {
      gate: 'blindBaseline',
      outcome: 'fail',
      measured: clopperPearson(9, 10),
      statement: 'it fails.',
    };
    const failed = audit([10, 20, 30, 15, 25], { gates: [gate] });
    assert.equal(failed.section.flags, null);
    assert.match(failed.limits[0], /a gate failed/);
    assert.equal(failed.section.attacks.length, 1);
  });
});

describe('a number beside those of retrained targets', () => {
  it('is outside their range in 2 of 6 draws when all six are draws of one recipe', () => {
    const random = createRandom(11);
    const draws = 6000;
    let outside = 0;
    for (let i = 0; i < draws; i += 1) {
      const [audited, ...others] = Array.from({ length: 6 }, () => random.normal());
      const measured: Measured = {
        status: 'measured',
        value: audited,
        low: 0,
        high: 1,
        confidence: 0.95,
        n: 1,
        method: 'delong',
      };
      if (besideRetrained(measured, others).outside === true) outside += 1;
    }
    // Four standard errors of a share of 1/3.
    assert.ok(Math.abs(outside / draws - 1 / 3) < 4 * Math.sqrt(2 / 9 / draws), String(outside / draws));
  });

  it('is neither in nor out when one of the two was not measured', () => {
    const absent = notMeasured('ENG_INSUFFICIENT_SAMPLES', 'too few');
    assert.equal(besideRetrained(absent, [1, 2, 3]).outside, null);
    assert.equal(besideRetrained(clopperPearson(1, 2), []).outside, null);
  });
});
