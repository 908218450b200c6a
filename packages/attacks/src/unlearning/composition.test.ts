import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@engram/numeric';
import { compositionBound } from './composition.js';
import { gaussianRenyi } from './gaussian-renyi.js';

// theta <- theta - eta sum_j (theta - x_j) + s xi over (.3, -.2, .5, 1.5), the last deleted; from 0, T steps, order 3.
const kept = [0.3, -0.2, 0.5];
const deleted = 1.5;
const noise = 0.5;
const steps = 12;
const order = 3;

/** Mean and variance of theta before each step and after the last, with or without the deleted point. */
function law(points: readonly number[], eta: number): { readonly mean: number; readonly variance: number }[] {
  const sum = points.reduce((total, x) => total + x, 0);
  const states = [{ mean: 0, variance: 0 }];
  for (let t = 0; t < steps; t += 1) {
    const { mean, variance } = states[t];
    const factor = 1 - eta * points.length;
    states.push({ mean: factor * mean + eta * sum, variance: factor * factor * variance + noise * noise });
  }
  return states;
}

/** log E exp(scale * D(order)), D(g) = g c^2 / 2 with c = eta |theta - deleted| / s and theta Gaussian. */
function logMoment(states: ReturnType<typeof law>, eta: number) {
  return (step: number, g: number, scale: number) => {
    const { mean, variance } = states[step];
    const rate = (scale * g * eta * eta) / (2 * noise * noise);
    const room = 1 - 2 * rate * variance;
    return room <= 0 ? Infinity : -0.5 * Math.log(room) + (rate * (mean - deleted) ** 2) / room;
  };
}

const near = (actual: number, expected: number, relative: number) =>
  assert.ok(Math.abs(actual / expected - 1) <= relative, `${actual} is not ${expected}`);

const withPoint = law([...kept, deleted], 0.02);
const without = law(kept, 0.02);
const last = withPoint[steps];
const final = gaussianRenyi(order, last.mean, last.variance, without[steps].mean, without[steps].variance);

test('the bound has the printed values, and is infinite for an exponent too small', () => {
  const bound = (exponent: number) =>
    compositionBound({ order, steps, exponent, logMoment: logMoment(withPoint, 0.02) });
  near(bound(36), 0.1247769, 1e-6);
  near(bound(12), 0.1303739, 1e-6);
  near(bound(5), 0.6625036, 1e-6);
  assert.equal(bound(3), Infinity);
});

test('three times the steps is the exponent when none is given', () => {
  const given = { order, steps, logMoment: logMoment(withPoint, 0.02) };
  assert.equal(compositionBound(given), compositionBound({ ...given, exponent: 36 }));
});

test('the final divergence is 0.0519168 and the sum of expected steps 0.0754045, below the bound', () => {
  near(final, 0.0519168, 2e-6);
  const expected = withPoint
    .slice(0, steps)
    .reduce(
      (sum, { mean, variance }) => sum + (order * 0.02 ** 2 * ((mean - deleted) ** 2 + variance)) / (2 * noise * noise),
      0,
    );
  near(expected, 0.0754045, 1e-6);
  assert.ok(final < expected && expected < 0.1247769);
});

test('the divergence of whole trajectories lies between the final one and the bound', () => {
  // Under the law without the point, the likelihood ratio of a path is exp(sum of c xi - c^2 / 2).
  const random = createRandom(7);
  const paths = 400_000;
  let moment = 0;
  for (let path = 0; path < paths; path += 1) {
    let theta = 0;
    let logRatio = 0;
    for (let t = 0; t < steps; t += 1) {
      const xi = random.normal();
      const shift = (-0.02 * (theta - deleted)) / noise;
      logRatio += shift * xi - (shift * shift) / 2;
      theta += -0.02 * (3 * theta - 0.6) + noise * xi;
    }
    moment += Math.exp(order * logRatio) / paths;
  }
  const joint = Math.log(moment) / (order - 1);
  // Printed as 0.0596 +- 0.0005; our own Monte Carlo error is about as large.
  assert.ok(Math.abs(joint - 0.0596) < 0.0015, String(joint));
  assert.ok(final <= joint && joint <= 0.1247769);
});

test('unclipped gradients at a large step have no bound: Infinity, not NaN', () => {
  const states = law([...kept, deleted], 0.1);
  for (const exponent of [2, 5, 36, 120])
    assert.equal(compositionBound({ order, steps, exponent, logMoment: logMoment(states, 0.1) }), Infinity);
});

test('one step alone is bounded by its own divergence, nearly', () => {
  const single = compositionBound({
    order: 8,
    steps: 1,
    exponent: 1e9,
    logMoment: (_step, g, scale) => scale * 0.3 * g,
  });
  near(single, 0.3 * 8, 1e-6);
});
