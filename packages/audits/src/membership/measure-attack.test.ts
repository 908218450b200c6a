import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attackResult } from '@engram/contract';
import { createRandom } from '@engram/numeric';
import { noControl } from './gates/control-gates.js';
import { type AttackScores, controlRates, detectionPValue, measureAttack } from './measure-attack.js';

const n = 2000;
const membership = Uint8Array.from({ length: n }, (_, i) => Number(i % 2));

function scored(scores: Float64Array, more: Partial<AttackScores> = {}): AttackScores {
  return {
    chosen: { attack: 'loss', scoreId: 'loss', params: {} },
    primaryScores: null,
    scores,
    membership,
    calibrationScores: new Float64Array(0),
    control: { auc: noControl(0), scores: null },
    referenceModels: 0,
    fpr: [0.1, 0.01],
    confidence: 0.95,
    seed: 1,
    blind: { scored: null },
    ...more,
  };
}

const random = createRandom(1);
const shifted = Float64Array.from(membership, (member) => random.normal() + member);

describe('measuring an attack', () => {
  it('fits the contract, with rates as asked and a caution where non-members are few', () => {
    const result = attackResult.parse(measureAttack(scored(shifted)));
    assert.deepEqual(
      result.tprAtFpr.map(({ fpr, caution }) => [fpr, caution !== undefined]),
      [
        [0.1, false],
        [0.01, false],
      ],
    );
    // A shift of one standard deviation: AUC Phi(1 / sqrt 2) = 0.7602, standard error about 0.011.
    assert.ok(result.auc.status === 'measured' && Math.abs(result.auc.value - 0.76025) < 0.045);
    const few = measureAttack(scored(shifted, { fpr: [0.005] }));
    assert.match(few.tprAtFpr[0].caution ?? '', /2000 non-members/);
  });

  it('claims no rate of 0.1 % below 2,995 non-members, and one with a caution below 10,000', () => {
    const at = (nonMembers: number) => {
      const marks = Uint8Array.from({ length: nonMembers + 500 }, (_, i) => Number(i < 500));
      const scores = Float64Array.from(marks, (member) => random.normal() + member);
      return measureAttack(scored(scores, { membership: marks, fpr: [0.001] })).tprAtFpr[0];
    };
    const refused = at(2994);
    assert.deepEqual(
      [refused.measured, refused.realisedFpr, refused.height].map((one) => one.status === 'notMeasured' && one.code),
      new Array(3).fill('ENG_INSUFFICIENT_SAMPLES'),
    );
    assert.deepEqual([refused.pValue, refused.caution], [null, undefined]);
    for (const { measured } of refused.precision) assert.equal(measured.status, 'notMeasured');
    assert.match(at(2995).caution ?? '', /Fewer than the 10000 non-members/);
    assert.equal(at(10_000).caution, undefined);
  });

  it('draws histograms whose shares add to one on each side, the tails in the outer bins', () => {
    const scores = shifted.slice();
    scores[0] = -1e9;
    scores[1] = 1e9;
    const { edges, members, nonMembers } = measureAttack(scored(scores)).histogram;
    const sum = (shares: readonly number[]) => shares.reduce((total, share) => total + share, 0);
    assert.ok(Math.abs(sum(members) - 1) < 1e-12 && Math.abs(sum(nonMembers) - 1) < 1e-12);
    assert.equal(edges.length, members.length + 1);
    assert.ok(edges[0] > -10 && edges.at(-1)! < 10);
  });

  it('survives scores that are all tied', () => {
    const result = attackResult.parse(measureAttack(scored(new Float64Array(n))));
    assert.equal(result.auc.status === 'measured' && result.auc.value, 0.5);
  });

  it('compares with the blind baseline on the rows that one looked at', () => {
    const rows = Int32Array.from({ length: 1000 }, (_, i) => i);
    const against = (scores: Float64Array) =>
      measureAttack(scored(shifted, { blind: { scored: { rows, scores } } })).pValueAgainstBlind!;
    assert.ok(against(Float64Array.from(rows, () => random.normal())) < 1e-6);
    // Against itself there is no difference, and no evidence of one.
    assert.ok(against(Float64Array.from(rows, (row) => shifted[row])) >= 0.5);
  });

  it('states at every rate what the attack finds without the members, or why it does not', () => {
    const silent = controlRates(scored(shifted));
    assert.deepEqual(
      silent.map(({ status }) => status),
      ['notMeasured', 'notMeasured'],
    );
    const scores = Float64Array.from(membership, () => random.normal());
    const [atTen] = controlRates(scored(shifted, { control: { auc: noControl(0), scores } }));
    assert.ok(atTen.status === 'measured' && atTen.low < 0.1 && atTen.high > 0.1);
  });

  it('sets thresholds on calibration samples where they are enough for the rate, and says so', () => {
    const calibrationScores = Float64Array.from({ length: 400 }, () => random.normal());
    const [atTen, atOne, atLow] = measureAttack(
      scored(shifted, { calibrationScores, fpr: [0.1, 0.01, 0.005] }),
    ).tprAtFpr;
    assert.deepEqual([atTen.threshold, atOne.threshold, atLow.threshold], ['calibration', 'calibration', 'nonMembers']);
    const sorted = calibrationScores.slice().sort();
    // k = floor(0.1 x 401) = 40: flagged are members above the 40th largest calibration score.
    const found = shifted.filter((score, i) => membership[i] === 1 && score > sorted[360]).length;
    assert.equal(atTen.measured.status === 'measured' && atTen.measured.value, found / 1000);
    assert.match(atOne.caution ?? '', /1000 calibration samples/);
  });

  it('tells precision at three priors, less the rarer members are', () => {
    const [point] = measureAttack(scored(shifted)).tprAtFpr;
    const values = point.precision.map(({ measured }) =>
      measured.status === 'measured' ? measured.value : Number.NaN,
    );
    assert.deepEqual(
      point.precision.map(({ prior }) => prior),
      [0.5, 0.1, 0.01],
    );
    assert.ok(values[0] > values[1] && values[1] > values[2]);
    const { measured, realisedFpr } = point;
    assert.ok(measured.status === 'measured' && realisedFpr.status === 'measured');
    assert.ok(Math.abs(values[0] - measured.value / (measured.value + realisedFpr.value)) < 1e-12);
  });

  it('counts members above every non-member, with the rate that certifies', () => {
    const { aboveAllNonMembers } = measureAttack(scored(shifted));
    const largest = Math.max(...shifted.filter((_, i) => membership[i] === 0));
    const above = shifted.filter((score, i) => membership[i] === 1 && score > largest).length;
    assert.equal(aboveAllNonMembers.measured.status === 'measured' && aboveAllNonMembers.measured.value, above / 1000);
    // 0 of 1,000: 1 - 0.05^(1/1000).
    assert.ok(Math.abs(aboveAllNonMembers.certifiedFpr - (1 - 0.05 ** 0.001)) < 1e-12);
  });

  it('compares an exploratory attack with the primary on the same samples', () => {
    const noisier = shifted.map((score) => score + random.normal());
    const { primary, againstPrimary } = measureAttack(scored(noisier, { primaryScores: shifted }));
    assert.equal(primary, false);
    const { difference, pValueTwoSided } = againstPrimary!;
    assert.ok(difference.status === 'measured' && difference.high < 0 && pValueTwoSided < 1e-6);
  });

  it('gives no evidence of detection for ties, and strong evidence for a shift', () => {
    assert.ok(detectionPValue(new Float64Array(n), membership) >= 0.5);
    assert.ok(detectionPValue(shifted, membership) < 1e-20);
    assert.equal(detectionPValue(Float64Array.of(1), Uint8Array.of(1)), 1);
  });
});
