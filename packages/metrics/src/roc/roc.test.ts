import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError, type ErrorCode, type Measured } from '@engram/domain';
import { createRandom, mean, normalCdf, normalQuantile } from '@engram/numeric';
import fc from 'fast-check';
import {
  advantage,
  advantageAtThreshold,
  auc,
  aucStandardError,
  bestThreshold,
  calibratedThreshold,
  nullStandardError,
  pairedDelong,
  placements,
  precisionAtPrior,
  rocBand,
  rocCurve,
  tprAtCalibratedThreshold,
  tprAtFpr,
} from '../index.js';

const small = { scores: [0, 4, 6, 7, 1, 2, 3, 5], membership: [1, 1, 1, 1, 0, 0, 0, 0] };

function value(measured: Measured): number {
  assert.ok(measured.status === 'measured', JSON.stringify(measured));
  return measured.value;
}

function assertNotMeasured(measured: Measured, code: ErrorCode): void {
  assert.ok(measured.status === 'notMeasured', JSON.stringify(measured));
  assert.equal(measured.code, code);
}

function assertClose(got: number, want: number, tolerance: number): void {
  assert.ok(Math.abs(got - want) <= tolerance, `expected ${want}, got ${got}`);
}

/** Members N(shift, 1), non-members N(0, 1). */
function gaussianShift(perSide: number, shift: number, seed: number) {
  const random = createRandom(seed);
  const membership = Uint8Array.from({ length: 2 * perSide }, (_, i) => (i < perSide ? 1 : 0));
  const scores = Float64Array.from(membership, (member) => random.normal() + shift * member);
  return { scores, membership };
}

const someScores = fc
  .array(fc.tuple(fc.integer({ min: -6, max: 6 }), fc.integer({ min: 0, max: 1 })), { minLength: 4, maxLength: 40 })
  .map((pairs) => ({ scores: pairs.map(([score]) => score), membership: pairs.map(([, member]) => member) }))
  .filter(({ membership }) => {
    const members = membership.reduce((sum, member) => sum + member, 0);
    return members >= 2 && membership.length - members >= 2;
  });

test('a small ROC has the AUC of its pairs, not of its convex hull', () => {
  assert.equal(value(auc(small.scores, small.membership)), 11 / 16);
  assertClose(aucStandardError(placements(small.scores, small.membership)), 0.244736, 5e-7);
});

test('the curve counts tied scores together, from nothing flagged to everything', () => {
  const curve = rocCurve([3, 1, 3, 2, 1], [1, 0, 0, 1, 1]);
  assert.deepEqual([...curve.thresholds], [Infinity, 3, 2, 1]);
  assert.deepEqual([...curve.truePositives], [0, 1, 2, 3]);
  assert.deepEqual([...curve.falsePositives], [0, 1, 1, 2]);
});

test('AUC counts every pair once and ties half', () => {
  fc.assert(
    fc.property(someScores, ({ scores, membership }) => {
      let wins = 0;
      let pairs = 0;
      scores.forEach((a, i) => {
        scores.forEach((b, j) => {
          if (membership[i] !== 1 || membership[j] !== 0) return;
          pairs += 1;
          wins += a > b ? 1 : a === b ? 0.5 : 0;
        });
      });
      assertClose(mean(placements(scores, membership).ofMembers), wins / pairs, 1e-12);
      assertClose(mean(placements(scores, membership).ofNonMembers), wins / pairs, 1e-12);
    }),
  );
});

test('AUC is unchanged by an increasing map and by the order of samples, and negation reflects it', () => {
  fc.assert(
    fc.property(someScores, ({ scores, membership }) => {
      const measured = auc(scores, membership);
      const mapped = auc(
        scores.map((score) => Math.exp(score / 3) - 7),
        membership,
      );
      assert.deepEqual(mapped, measured);
      const reversed = auc([...scores].reverse(), [...membership].reverse());
      assertClose(value(reversed), value(measured), 1e-12);
      const negated = auc(
        scores.map((score) => -score),
        membership,
      );
      assertClose(value(negated), 1 - value(measured), 1e-12);
    }),
    { numRuns: 10 },
  );
});

test('inputs are not changed', () => {
  const scores = Float64Array.from(small.scores);
  const membership = Uint8Array.from(small.membership);
  auc(scores, membership);
  rocBand(scores, membership);
  tprAtFpr(scores, membership, { fpr: 0 });
  advantage(scores, membership, { seed: 1 });
  calibratedThreshold(scores, 0.2);
  assert.deepEqual([...scores], small.scores);
  assert.deepEqual([...membership], small.membership);
});

test('a Gaussian shift gives the closed-form AUC, TPR and advantage', () => {
  for (const shift of [0.5, 1, 2, 3]) {
    const n = 100_000;
    const { scores, membership } = gaussianShift(n, shift, 7);
    const area = auc(scores, membership);
    // Four standard errors: 0.0013 at most for the AUC at this size.
    assertClose(value(area), normalCdf(shift / Math.SQRT2), 4 * 0.0013);
    assert.ok(area.status === 'measured' && area.method === 'delong');
    for (const fpr of [0.1, 0.01, 0.001]) {
      const { tpr, realisedFpr, inSample, fewNonMembers } = tprAtFpr(scores, membership, { fpr });
      const want = normalCdf(shift - normalQuantile(1 - fpr));
      // Spread of TPR itself and of the threshold, whose error moves TPR by the ratio of the densities there.
      const tau = normalQuantile(1 - fpr);
      const ratio = Math.exp(-0.5 * (tau - shift) ** 2 + 0.5 * tau ** 2);
      const spread = Math.sqrt((want * (1 - want)) / n + (ratio ** 2 * fpr * (1 - fpr)) / n);
      assertClose(value(tpr), want, 4 * spread + 1 / n);
      assert.equal(value(realisedFpr), fpr);
      assert.ok(inSample && !fewNonMembers);
    }
    const found = advantage(scores, membership, { seed: 1 });
    assertClose(value(found.advantage), 2 * normalCdf(shift / 2) - 1, 4 * Math.sqrt(0.5 / n));
    assertClose(value(found.balancedAccuracy), normalCdf(shift / 2), 2 * Math.sqrt(0.5 / n));
  }
});

test('identical distributions give half the area and the false positive rate itself', () => {
  const { scores, membership } = gaussianShift(20_000, 0, 3);
  assertClose(value(auc(scores, membership)), 0.5, 4 * nullStandardError({ members: 20_000, nonMembers: 20_000 }));
  assertClose(value(tprAtFpr(scores, membership, { fpr: 0.1 }).tpr), 0.1, 4 * Math.sqrt((2 * 0.09) / 20_000));
});

test('the null standard error depends on the counts alone', () => {
  assertClose(nullStandardError({ members: 500, nonMembers: 500 }), 0.0183, 5e-5);
  assertClose(nullStandardError({ members: 1000, nonMembers: 1000 }), 0.0129, 5e-5);
});

test('scores that are all tied know nothing and flag nothing', () => {
  const scores = new Float64Array(1200).fill(0.3);
  const membership = Uint8Array.from(scores, (_, i) => i % 2);
  const measured = auc(scores, membership);
  assert.equal(value(measured), 0.5);
  assert.ok(measured.status === 'measured' && measured.low < 0.5 && measured.high > 0.5);
  for (const fpr of [0, 0.01, 0.1, 0.999]) {
    assert.equal(value(tprAtFpr(scores, membership, { fpr }).tpr), 0);
  }
  assert.equal(value(advantage(scores, membership, { seed: 1 }).advantage), 0);
});

test('perfect separation keeps an interval', () => {
  const scores = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const membership = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
  const measured = auc(scores, membership);
  // Five disjoint pairs all agree: 0.025^(1/5).
  assert.ok(measured.status === 'measured' && measured.method === 'exact');
  assert.equal(measured.value, 1);
  assertClose(measured.low, 0.025 ** 0.2, 1e-12);
  const mirrored = auc(
    scores,
    membership.map((member) => 1 - member),
  );
  assert.ok(mirrored.status === 'measured' && mirrored.value === 0 && mirrored.high < 1);
});

test('small sides use a seeded bootstrap', () => {
  const { scores, membership } = gaussianShift(30, 1, 5);
  const measured = auc(scores, membership, { seed: 4 });
  assert.ok(measured.status === 'measured' && measured.method === 'bootstrap');
  assert.ok(measured.low < measured.value && measured.value < measured.high);
  assert.deepEqual(auc(scores, membership, { seed: 4 }), measured);
});

test('true positives are counted on the step, never between', () => {
  // 30 non-members at 0..29 and members at 28.5 and 29.5: allowing three of thirty reaches both.
  const scores = [...Array.from({ length: 30 }, (_, i) => i), 28.5, 29.5];
  const membership = [...new Array<number>(30).fill(0), 1, 1];
  const atTenth = tprAtFpr(scores, membership, { fpr: 0.1 });
  assert.equal(value(atTenth.tpr), 1);
  assert.equal(value(atTenth.realisedFpr), 0.1);
  assert.equal(atTenth.threshold, 26);
  const atNone = tprAtFpr(scores, membership, { fpr: 0 });
  assert.equal(value(atNone.tpr), 0.5);
  assert.equal(atNone.threshold, 29);
});

test('a tie at the threshold is left unflagged rather than half flagged', () => {
  const scores = [5, 5, 5, ...new Array<number>(298).fill(0)];
  const membership = [1, 1, 0, ...new Array<number>(298).fill(0)];
  assert.equal(value(tprAtFpr(scores, membership, { fpr: 0 }).tpr), 0);
  assert.equal(value(tprAtFpr(scores, membership, { fpr: 0.01 }).tpr), 1);
});

test('rates that the non-members cannot show are refused, and coarse ones flagged', () => {
  const at = (perSide: number, fpr: number) => {
    const { scores, membership } = gaussianShift(perSide, 1, 2);
    return tprAtFpr(scores, membership, { fpr });
  };
  assertNotMeasured(at(2994, 0.001).tpr, 'ENG_INSUFFICIENT_SAMPLES');
  assertNotMeasured(at(298, 0.01).tpr, 'ENG_INSUFFICIENT_SAMPLES');
  assert.ok(at(2995, 0.001).fewNonMembers);
  assert.ok(at(9999, 0.001).fewNonMembers);
  assert.ok(!at(10_000, 0.001).fewNonMembers);
  assert.throws(() => at(10, 1), EngramError);
  assert.throws(() => at(10, -0.1), EngramError);
});

test('the calibrated threshold takes the k-th largest score and knows its realised rate', () => {
  const scores = (n: number) => Float64Array.from({ length: n }, (_, i) => i);
  const hundredth = calibratedThreshold(scores(1000), 0.01);
  assert.ok(hundredth.status === 'measured');
  assert.equal(hundredth.rank, 10);
  assert.equal(hundredth.threshold, 990);
  // Published to three digits: mean 0.999 %, 95 % bound 1.57 %.
  assertClose(hundredth.expectedFpr, 0.00999, 5e-6);
  assertClose(hundredth.fprBound, 0.0157, 5e-5);
  const thousandth = calibratedThreshold(scores(10_000), 0.001);
  assert.ok(thousandth.status === 'measured');
  assertClose(thousandth.fprBound, 0.00157, 5e-6);
  const refused = calibratedThreshold(scores(98), 0.01);
  assert.ok(refused.status === 'notMeasured' && refused.code === 'ENG_INSUFFICIENT_SAMPLES');
  assert.equal(calibratedThreshold(scores(99), 0.01).status, 'measured');
});

test('a threshold from other non-members keeps their rate on average', () => {
  const random = createRandom(21);
  let total = 0;
  const runs = 200;
  for (let run = 0; run < runs; run += 1) {
    const calibration = Float64Array.from({ length: 299 }, () => random.normal());
    const judged = Float64Array.from({ length: 400 }, () => random.normal());
    const membership = Uint8Array.from(judged, (_, i) => (i < 200 ? 1 : 0));
    const point = tprAtCalibratedThreshold(judged, membership, calibration, { fpr: 0.05 });
    assert.ok(!point.inSample);
    total += value(point.realisedFpr) / runs;
  }
  // Each run's rate has spread sqrt(0.05 0.95 (1/200 + 1/300)); four standard errors of the mean.
  assertClose(total, 0.05, 4 * Math.sqrt((0.0475 * (1 / 200 + 1 / 300)) / runs));
});

test('the band holds the curve, increases, and keeps both ends however much it is thinned', () => {
  const { scores, membership } = gaussianShift(20_000, 1, 9);
  const band = rocBand(scores, membership);
  assert.ok(band.fpr.length <= 400 && band.fpr.length > 200);
  assert.equal(band.fpr[0], 0);
  assert.equal(band.fpr.at(-1), 1);
  assert.equal(band.tpr.at(-1), 1);
  // Log spacing keeps every step up to the tenth false positive and more.
  assert.deepEqual(
    [...band.fpr.slice(0, 8)],
    [0, 1, 2, 3, 4, 5, 6, 7].map((count) => count / 20_000),
  );
  for (let i = 0; i < band.fpr.length; i += 1) {
    if (i > 0) assert.ok(band.fpr[i]! > band.fpr[i - 1]! && band.tpr[i]! >= band.tpr[i - 1]!);
    assert.ok(band.low[i]! <= band.tpr[i]! && band.tpr[i]! <= band.high[i]!);
  }
  const tiny = rocBand(small.scores, small.membership);
  assert.deepEqual([...tiny.fpr], [0, 0.25, 0.5, 0.75, 1]);
  assert.deepEqual([...tiny.tpr], [0.5, 0.75, 0.75, 0.75, 1]);
});

test('paired DeLong agrees with its definition over all pairs', () => {
  const random = createRandom(31);
  const membership = Array.from({ length: 60 }, (_, i) => i % 2);
  const first = membership.map((member) => Math.round(2 * (random.normal() + member)));
  const second = first.map((score) => score + Math.round(2 * random.normal()));
  const kernel = (scores: readonly number[], i: number, j: number) =>
    scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
  const members = membership.flatMap((member, i) => (member === 1 ? [i] : []));
  const others = membership.flatMap((member, i) => (member === 0 ? [i] : []));
  const gaps = members.map((i) => mean(others.map((j) => kernel(first, i, j) - kernel(second, i, j))));
  const otherGaps = others.map((j) => mean(members.map((i) => kernel(first, i, j) - kernel(second, i, j))));
  const spread = (values: number[]) =>
    values.reduce((sum, x) => sum + (x - mean(values)) ** 2, 0) / (values.length - 1);
  const z = mean(gaps) / Math.sqrt(spread(gaps) / 30 + spread(otherGaps) / 30);
  const test = pairedDelong(first, second, membership);
  assertClose(value(test.difference), mean(gaps), 1e-12);
  assertClose(test.pValueTwoSided, 2 * normalCdf(-Math.abs(z)), 1e-10);
  assertClose(test.pValueGreater, normalCdf(-z), 1e-10);
});

test('an attack equals itself and a reversed comparison mirrors the p-value', () => {
  const { scores, membership } = gaussianShift(80, 1, 13);
  const noise = gaussianShift(80, 0, 14).scores;
  const same = pairedDelong(scores, scores, membership);
  assert.equal(same.pValueTwoSided, 1);
  assert.equal(same.pValueGreater, 0.5);
  const forth = pairedDelong(scores, noise, membership);
  const back = pairedDelong(noise, scores, membership);
  assert.ok(forth.pValueGreater < 0.01);
  assertClose(forth.pValueGreater + back.pValueGreater, 1, 1e-12);
  assert.equal(value(forth.difference), -value(back.difference));
});

test('precision falls with the prior', () => {
  assert.equal(precisionAtPrior(0.5, 0.5, 0.1), 0.1);
  assertClose(precisionAtPrior(0.1, 0.01, 0.01), 0.001 / (0.001 + 0.0099), 1e-15);
  assert.ok(Number.isNaN(precisionAtPrior(0, 0, 0.5)));
});

test('the best threshold separates what can be separated', () => {
  const threshold = bestThreshold([1, 2, 3, 4], [0, 0, 1, 1]);
  assert.equal(threshold, 2.5);
  assert.equal(value(advantageAtThreshold([1, 2, 3, 4], [0, 0, 1, 1], threshold).advantage), 1);
  assert.equal(bestThreshold([4, 3, 2, 1], [0, 0, 1, 1]), Infinity);
});

test('too few samples and one class give a code, not a number', () => {
  assertNotMeasured(auc([], []), 'ENG_INSUFFICIENT_SAMPLES');
  assertNotMeasured(auc([1, 2], [1, 1]), 'ENG_ONE_CLASS_ONLY');
  assertNotMeasured(auc([1, 2, 3], [1, 0, 0]), 'ENG_INSUFFICIENT_SAMPLES');
  assertNotMeasured(tprAtFpr([1, 2], [0, 0], { fpr: 0 }).tpr, 'ENG_ONE_CLASS_ONLY');
  assertNotMeasured(advantage([1, 2], [0, 0], { seed: 1 }).advantage, 'ENG_ONE_CLASS_ONLY');
  assertNotMeasured(pairedDelong([1, 2], [2, 1], [0, 0]).difference, 'ENG_ONE_CLASS_ONLY');
  assert.throws(
    () => rocCurve([1, 2], [1, 1]),
    (error) => error instanceof EngramError && error.code === 'ENG_ONE_CLASS_ONLY',
  );
});

test('NaN scores, unequal lengths and strange labels are refused by every metric', () => {
  const metrics = [
    (scores: number[], membership: number[]) => auc(scores, membership),
    (scores: number[], membership: number[]) => rocCurve(scores, membership),
    (scores: number[], membership: number[]) => rocBand(scores, membership),
    (scores: number[], membership: number[]) => tprAtFpr(scores, membership, { fpr: 0 }),
    (scores: number[], membership: number[]) => advantage(scores, membership, { seed: 1 }),
    (scores: number[], membership: number[]) => advantageAtThreshold(scores, membership, 0),
    (scores: number[], membership: number[]) => pairedDelong(scores, scores, membership),
  ];
  const refused: [number[], number[], ErrorCode][] = [
    [[1, Number.NaN, 3, 4], [1, 0, 1, 0], 'ENG_VALUES_NOT_FINITE'],
    [[1, 2, 3, 4], [1, 0, 1], 'ENG_SHAPE_MISMATCH'],
    [[1, 2, 3, 4], [1, 0, 2, 0], 'ENG_LABEL_OUT_OF_RANGE'],
  ];
  for (const metric of metrics) {
    for (const [scores, membership, code] of refused) {
      assert.throws(
        () => metric(scores, membership),
        (error) => error instanceof EngramError && error.code === code,
      );
    }
  }
});

test('infinite scores are ordinary extremes', () => {
  const scores = [Infinity, 1, 0, -Infinity];
  assert.equal(value(auc(scores, [1, 1, 0, 0])), 1);
  assert.equal(rocCurve(scores, [1, 1, 0, 0]).thresholds.length, 5);
});
