import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngramError, type NdArray } from '@engram/domain';
import fc from 'fast-check';
import {
  type BoostingLoss,
  boostedPredictions,
  boostTrees,
  createRandom,
  gaussianLoss,
  logisticLoss,
  pinballLoss,
  squaredLoss,
  stagedLosses,
} from '../index.js';

const matrix = (data: ArrayLike<number>, columns: number): NdArray<Float64Array> => ({
  data: Float64Array.from(data),
  shape: [data.length / columns, columns],
});

/** 300 rows of three columns on a grid of 1/64, so that binary fractions and one bin per value leave nothing to rounding. */
function referenceData() {
  const random = createRandom(2024);
  const grid = () => Math.floor(random.uniform() * 64) / 64;
  const x = Float64Array.from({ length: 900 }, grid);
  const y = Float64Array.from(
    { length: 300 },
    (_, i) => Math.sin(6 * x[3 * i]) + x[3 * i + 1] * x[3 * i + 2] + random.uniform() - 0.5,
  );
  const queries = [0.1, 0.2, 0.3, 0.5, 0.5, 0.5, 0.9, 0.1, 0.7, 0.33, 0.95, 0.95, 0.75, 0.6, 0.05];
  return {
    x: matrix(x, 3),
    y,
    queries: matrix(
      queries.map((value) => Math.floor(value * 64) / 64),
      3,
    ),
  };
}

/**
 * Of scikit-learn 1.9.1 on the data above, learning rate 0.1, 30 rounds, depth 3, at least 10 rows per leaf, no limit on
 * leaves: HistGradientBoostingRegressor and -Classifier; `exact` is GradientBoostingRegressor.
 */
const scikitLearn = {
  exact: [0.4492520740087777, 0.47998101344967886, -0.5607081125442402, 1.3883443029049265, -0.7500031755605474],
  squared: [0.44380473525259784, 0.5047971566459182, -0.5880001909724986, 1.3512426149387438, -0.7589859225672262],
  logOdds: [2.9510853440524616, 0.7676396482442124, -3.248620585997828, 3.3956297121471746, -3.216353225813929],
  median: [0.586603697656513, 0.5615431042247859, -0.6027052352426461, 1.2958136143666985, -0.7877710813471432],
  seventhEighth: [
    0.7315950713134705, 0.8824922486294318, -0.14696758582740374, 1.6681498156601144, -0.20305631843231778,
  ],
};
const likeReference = { rounds: 30, depth: 3, leastRowsPerLeaf: 10 };

function assertClose(got: ArrayLike<number>, want: readonly number[], absolute: number): void {
  assert.equal(got.length, want.length);
  want.forEach((value, i) => {
    assert.ok(Math.abs(got[i] - value) <= absolute, `expected ${value}, got ${got[i]} at ${i}`);
  });
}

describe('agreement with scikit-learn', () => {
  const { x, y, queries } = referenceData();
  const predict = (loss: BoostingLoss, targets: ArrayLike<number>, penalty: number) =>
    boostedPredictions(boostTrees(x, targets, loss, { ...likeReference, penalty }), queries);

  test('the squared loss without penalty gives the same trees in float64', () => {
    assertClose(predict(squaredLoss, y, 0), scikitLearn.exact, 1e-12);
  });

  // There, gradients and curvatures are float32: 6e-8 of each, summed over 300 rows and 30 rounds.
  test('the squared loss with penalty 1 agrees to float32', () => {
    assertClose(predict(squaredLoss, y, 1), scikitLearn.squared, 1e-5);
  });

  test('the logistic loss with penalty 1 agrees to float32', () => {
    const classes = y.map((value) => Number(value > 0.3));
    assert.equal(
      classes.reduce((sum, value) => sum + value, 0),
      149,
    );
    assertClose(predict(logisticLoss, classes, 1), scikitLearn.logOdds, 1e-5);
  });

  // Gains of two-valued gradients tie often; quantiles that are binary fractions keep rounding from breaking the ties.
  test('the pinball loss, two quantiles at once, agrees', () => {
    const both = predict(pinballLoss([0.5, 0.875]), y, 0);
    assertClose(both.subarray(0, 5), scikitLearn.median, 1e-5);
    assertClose(both.subarray(5), scikitLearn.seventhEighth, 1e-5);
  });
});

/** Rows with a smooth signal in two columns of four, and targets that suit every loss. */
function madeData(n: number, seed: number) {
  const random = createRandom(seed);
  const x = matrix(
    Float64Array.from({ length: 4 * n }, () => random.normal()),
    4,
  );
  const y = Float64Array.from({ length: n }, (_, i) => x.data[4 * i] + 0.5 * x.data[4 * i + 1] ** 2 + random.normal());
  return { x, y, classes: y.map((value) => Number(value > 0.5)) };
}

const losses: readonly { readonly name: string; readonly loss: BoostingLoss; readonly binary?: true }[] = [
  { name: 'squared', loss: squaredLoss },
  { name: 'logistic', loss: logisticLoss, binary: true },
  { name: 'pinball', loss: pinballLoss([0.5, 0.9]) },
  { name: 'gaussian', loss: gaussianLoss },
];

for (const { name, loss, binary } of losses) {
  describe(`${name} loss`, () => {
    const targetsOf = ({ y, classes }: { y: Float64Array; classes: Float64Array }) => (binary ? classes : y);

    test('falls with every round on the rows it learns from', () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 4 }), (seed, depth) => {
          const data = madeData(80, seed);
          const model = boostTrees(data.x, targetsOf(data), loss, { rounds: 25, depth, leastRowsPerLeaf: 5 });
          const staged = stagedLosses(model, data.x, targetsOf(data), loss);
          staged.slice(1).forEach((value, round) => {
            assert.ok(value <= staged[round] + 1e-12, `round ${round + 1}: ${staged[round]} to ${value}`);
          });
          assert.ok(staged[25] < staged[0]);
        }),
        { numRuns: 15, seed: 1 },
      );
    });

    test('is unchanged by strictly increasing maps of the columns, for rows unseen as well', () => {
      const data = madeData(200, 3);
      const unseen = madeData(50, 4).x;
      const maps = [Math.exp, (v: number) => v ** 3, (v: number) => 5 * v - 2, Math.atan];
      const mapped = ({ data: values, shape }: NdArray) => ({
        data: Float64Array.from(values, (value, at) => maps[at % 4](value)),
        shape,
      });
      const options = { rounds: 15, bins: 32 };
      const plain = boostTrees(data.x, targetsOf(data), loss, options);
      const other = boostTrees(mapped(data.x), targetsOf(data), loss, options);
      assert.deepEqual(boostedPredictions(other, mapped(unseen)), boostedPredictions(plain, unseen));
    });

    test('has derivatives that match differences of its mean', () => {
      const data = madeData(6, 5);
      const targets = targetsOf(data);
      const random = createRandom(6);
      const at = Float64Array.from({ length: 6 * loss.outputs }, () => random.normal());
      const [gradient, curvature] = [new Float64Array(6), new Float64Array(6)];
      for (let output = 0; output < loss.outputs; output += 1) {
        loss.derivatives(targets, at, output, gradient, curvature);
        for (let i = 0; i < 6; i += 1) {
          const moved = (by: number) => loss.mean(targets, at.with(output * 6 + i, at[output * 6 + i] + by));
          // Central difference at step 1e-5: error about 1e-10 over the step, times 6 rows.
          assert.ok(
            Math.abs((6 * (moved(1e-5) - moved(-1e-5))) / 2e-5 - gradient[i]) < 1e-6 * (1 + Math.abs(gradient[i])),
          );
        }
      }
    });

    test('starts at the best constants', () => {
      const data = madeData(101, 7);
      const targets = targetsOf(data);
      const start = loss.start(targets);
      const meanAt = (constants: Float64Array) =>
        loss.mean(
          targets,
          Float64Array.from({ length: 101 * loss.outputs }, (_, at) => constants[Math.floor(at / 101)]),
        );
      for (let output = 0; output < loss.outputs; output += 1)
        for (const by of [-0.05, 0.05]) assert.ok(meanAt(start.with(output, start[output] + by)) >= meanAt(start));
    });
  });
}

test('separable classes are separated, with finite log-odds', () => {
  const x = matrix(
    Float64Array.from({ length: 60 }, (_, i) => i),
    1,
  );
  const labels = Array.from({ length: 60 }, (_, i) => Number(i >= 25));
  const scores = boostedPredictions(boostTrees(x, labels, logisticLoss, { rounds: 200, leastRowsPerLeaf: 1 }), x);
  scores.forEach((score, i) => {
    assert.ok(labels[i] === 1 ? score > 2 : score < -2, `row ${i}: ${score}`);
  });
  assert.ok(scores.every(Number.isFinite));
});

test('the Gaussian head finds a mean and a spread that change along a column', () => {
  const random = createRandom(11);
  const x = matrix(
    Float64Array.from({ length: 4000 }, () => random.uniform()),
    1,
  );
  // Mean 0 and sd 0.2 below one half, mean 3 and sd 1 above.
  const y = x.data.map((value) => (value < 0.5 ? 0.2 * random.normal() : 3 + random.normal()));
  const model = boostTrees(x, y, gaussianLoss, { rounds: 150 });
  const [muLow, muHigh, etaLow, etaHigh] = boostedPredictions(model, matrix([0.25, 0.75], 1));
  // Leaves hold at least 20 rows: four standard errors of a mean of 20 would be 0.9 sd, of a log sd 0.63; most hold more.
  assertClose([muLow, muHigh], [0, 3], 0.3);
  assertClose([etaLow, etaHigh], [Math.log(0.2), 0], 0.3);
});

test('targets that are all one value give that value and a tiny spread, not NaN', () => {
  const { x } = madeData(50, 12);
  const [mu, eta] = boostedPredictions(boostTrees(x, new Float64Array(50).fill(3), gaussianLoss, { rounds: 5 }), {
    data: x.data.subarray(0, 4),
    shape: [1, 4],
  });
  assert.equal(mu, 3);
  assert.ok(Number.isFinite(eta) && eta < -10);
});

test('the same seed draws the same rows and columns, another seed others', () => {
  const { x, y } = madeData(120, 13);
  const predict = (seed: number) =>
    boostedPredictions(boostTrees(x, y, squaredLoss, { rounds: 10, rowShare: 0.5, columnsPerTree: 2, seed }), x);
  assert.deepEqual(predict(1), predict(1));
  assert.notDeepEqual(predict(1), predict(2));
});

test('fewer rounds of a model are those of a shorter one', () => {
  const { x, y } = madeData(120, 14);
  const long = boostTrees(x, y, squaredLoss, { rounds: 20 });
  const short = boostTrees(x, y, squaredLoss, { rounds: 8 });
  assert.deepEqual(boostedPredictions(long, x, 8), boostedPredictions(short, x));
});

test('columns of one value, and depth 0, leave the constant', () => {
  const y = Float64Array.of(1, 2, 3, 6);
  const same = matrix([5, 5, 5, 5], 1);
  assert.deepEqual([...boostedPredictions(boostTrees(same, y, squaredLoss, { rounds: 3 }), same)], [3, 3, 3, 3]);
  const rising = matrix([1, 2, 3, 4], 1);
  const stump = boostTrees(rising, y, squaredLoss, { rounds: 3, depth: 0, leastRowsPerLeaf: 1 });
  assert.deepEqual([...boostedPredictions(stump, rising)], [3, 3, 3, 3]);
});

test('refuses what it cannot learn from, and rows of another width', () => {
  const code = (expected: string) => (error: unknown) => error instanceof EngramError && error.code === expected;
  const { x, y } = madeData(30, 15);
  const fit = (features: NdArray, targets: ArrayLike<number>) =>
    boostTrees(features, targets, squaredLoss, { rounds: 1 });
  assert.throws(() => fit(x, y.slice(1)), code('ENG_SHAPE_MISMATCH'));
  assert.throws(() => fit({ data: x.data, shape: [30] }, y), code('ENG_SHAPE_MISMATCH'));
  assert.throws(() => fit({ ...x, data: x.data.with(7, Number.NaN) }, y), code('ENG_VALUES_NOT_FINITE'));
  assert.throws(() => fit(x, y.with(3, Infinity)), code('ENG_VALUES_NOT_FINITE'));
  assert.throws(() => fit(matrix([], 4), []), code('ENG_INSUFFICIENT_SAMPLES'));
  assert.throws(() => boostedPredictions(fit(x, y), matrix(x.data, 2)), code('ENG_SHAPE_MISMATCH'));
  assert.throws(() => pinballLoss([0.5, 1]), code('ENG_REQUEST_INVALID'));
});

describe('equal gains', () => {
  /** Columns of every split of the trees, leaves left out. */
  const columnsOf = (x: NdArray, y: ArrayLike<number>) =>
    boostTrees(x, y, squaredLoss, { rounds: 20, depth: 3, leastRowsPerLeaf: 5 }).rounds.flatMap(([tree]) =>
      [...tree.columns].filter((column) => column >= 0),
    );

  test('a column and its mirror image split alike but for rounding: the first is taken, whichever it is', () => {
    const random = createRandom(11);
    const values = Float64Array.from({ length: 200 }, () => random.normal());
    const y = values.map((value) => Math.sin(3 * value) + 0.3 * random.normal());
    for (const sign of [1, -1]) {
      const x = matrix(
        [...values].flatMap((value) => [sign * value, -sign * value]),
        2,
      );
      const split = columnsOf(x, y);
      assert.ok(split.length > 60, `${split.length} splits`);
      assert.deepEqual(new Set(split), new Set([0]));
    }
  });

  test('of two cuts that gain the same the lower is taken, however their sums round', () => {
    // Outer thirds of one height, so that cutting off either gains the same.
    const x = matrix(
      Float64Array.from({ length: 60 }, (_, i) => i),
      1,
    );
    for (const height of [0.1, 0.7, 1 / 3]) {
      const y = Float64Array.from({ length: 60 }, (_, i) => (i < 20 || i >= 40 ? height : -height));
      const [[tree]] = boostTrees(x, y, squaredLoss, { rounds: 1, depth: 1, leastRowsPerLeaf: 5 }).rounds;
      assert.equal(tree.thresholds[0] >= 19 && tree.thresholds[0] < 20, true, `${tree.thresholds[0]}`);
    }
  });
});
