import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { difficultyReport } from '@engram/contract';
import type { Bundle, Json } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { completeDifficulty } from './complete-difficulty.js';

const [sets, size, members] = [8, 50, 800];
const steps = [0, 10, 20, 30, 40, 50];

/** Members ranked by row; `order` says how hard set 0, 1, … truly is. */
function made({ order = [0, 1, 2, 3, 4, 5, 6, 7], spread = 0.05, accuracy = 0.9 } = {}): {
  estimated: Bundle;
  probed: Bundle;
} {
  const random = createRandom(2);
  const difficulty = Float64Array.from({ length: members + 200 }, (_, row) => (row < members ? row : Number.NaN));
  const estimators = [
    { estimator: 'privacyLoss', kind: 'estimate', source: 'surrogateTraining', settings: {}, bins: [], notes: [] },
  ];
  const grid = (fill: (set: number, at: number) => number, width: number) => ({
    data: Float64Array.from({ length: sets * width }, (_, i) => fill(Math.floor(i / width), i % width)),
    shape: [sets, width],
  });
  // The gap of set s is its rank + 1 and shrinks by 1 every 10 steps: it is gone, within 0.1, after rank + 1 evaluations.
  const gap = grid((set, at) => Math.max(0, order[set] + 1 - at), steps.length);
  const rows = grid((set, i) => set * 100 + i, size);
  return {
    estimated: {
      arrays: { 'column.difficulty.privacyLoss': { data: difficulty, shape: [difficulty.length] } },
      meta: {
        primary: 'privacyLoss',
        estimators: estimators as unknown as Json,
        hardest: [{ sampleId: '799', difficulty: 799 }],
        easiest: [{ sampleId: '0', difficulty: 0 }],
        source: 'surrogateTraining',
      },
    },
    probed: {
      arrays: {
        gap,
        accuracy: grid((_, at) => accuracy - 0.001 * at, steps.length),
        sampleGapBefore: grid((set) => order[set] + 1 + 0.1 * random.normal(), size),
        sampleGapAfter: grid(() => 0.1 * random.normal(), size),
        retrainSpread: { data: new Float64Array(sets).fill(spread), shape: [sets] },
        rows: { data: Int32Array.from(rows.data), shape: rows.shape },
      },
      meta: {
        sets,
        size,
        retrainSeeds: 2,
        epochs: 4,
        steps,
        learningRate: 0.05,
        momentum: 0.9,
        weightDecay: 0.01,
        clip: 1,
        noiseStd: 0.001,
        noiseShare: 0.01,
        confidence: 0.95,
        heldOut: 400,
      },
    },
  };
}

function complete(options?: Parameters<typeof made>[0]) {
  const { estimated, probed } = made(options);
  return difficultyReport.parse(completeDifficulty(estimated, probed, 1));
}

const numberOf = (measured: { status: string }) => (measured as { value?: number }).value;

describe('the section on unlearning difficulty', () => {
  it('tells when each set came to the retrained level, and which did not', () => {
    const { forgetSets } = complete().verification!;
    // Set s is within tolerance from evaluation s + 1, and must stay for three: sets 3 to 7 run out of budget at 50.
    assert.deepEqual(
      forgetSets.map(({ stepsToRetrainLevel, censored }) => [numberOf(stepsToRetrainLevel), censored]),
      [
        [10, false],
        [20, false],
        [30, false],
        [50, true],
        [50, true],
        [50, true],
        [50, true],
        [50, true],
      ],
    );
    const [first, , , fourth] = forgetSets.map(({ stepsToRetrainLevel: one }) => one);
    // Nobody looked between two evaluations; a censored set took at least its budget.
    assert.ok(first.status === 'measured' && first.low === 0 && first.high === 10);
    assert.ok(fourth.status === 'measured' && fourth.low === 50);
    assert.equal(forgetSets[0].medianDifficulty, 24.5);
  });

  it('measures gaps with intervals that hold them', () => {
    const { forgetSets } = complete().verification!;
    forgetSets.forEach(({ gapBefore, gapAfter }, set) => {
      assert.ok(gapBefore.status === 'measured' && gapBefore.low <= set + 1 && gapBefore.high >= set + 1 - 0.05);
      assert.ok(gapBefore.high - gapBefore.low < 0.1);
      assert.ok(gapAfter.status === 'measured' && Math.abs(gapAfter.value) < 0.06);
    });
  });

  it('confirms a ranking that came true, and not one that is turned round', () => {
    const right = complete();
    assert.match(right.statement, /The ranking came true/);
    for (const { measured } of right.verification!.sampleRankCorrelation) assert.ok(numberOf(measured)! > 0.9);
    const wrong = complete({ order: [7, 6, 5, 4, 3, 2, 1, 0] });
    assert.match(wrong.statement, /could not be confirmed/);
    for (const { measured } of wrong.verification!.rankCorrelation) assert.ok(numberOf(measured)! < 0);
  });

  it('takes the spread of retrained models for the level, and at least 0.1', () => {
    assert.equal(complete().verification!.tolerance, 0.1);
    assert.equal(complete({ spread: 0.5 }).verification!.tolerance, 0.5);
  });

  it('counts the sets that ran out of budget among its limits', () => {
    assert.ok(complete().limits.some((limit) => limit.startsWith('5 of 8 forget sets did not reach')));
  });

  it('says that nothing was checked when nothing was unlearned', () => {
    const section = difficultyReport.parse(completeDifficulty(made().estimated, null, 1));
    assert.equal(section.verification, null);
    assert.match(section.statement, /nothing was unlearned to check/);
  });

  it('keeps the estimates and says so when training diverged', () => {
    const { estimated, probed } = made();
    probed.arrays.gap.data[3] = Number.NaN;
    const section = difficultyReport.parse(completeDifficulty(estimated, probed, 1));
    assert.equal(section.verification, null);
    assert.ok(section.limits.some((limit) => limit.includes('diverged')));
  });

  it('gives the same numbers for the same seed', () => {
    assert.deepEqual(complete(), complete());
  });
});
