import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nelderMead } from './nelder-mead.js';

test('finds the bottom of a curved valley', () => {
  // Rosenbrock: minimum 0 at (1, 1).
  const { x, value, converged } = nelderMead(
    ([a, b]) => (1 - a) ** 2 + 100 * (b - a * a) ** 2,
    Float64Array.of(-1.2, 1),
    0.5,
    { tolerance: 1e-14 },
  );
  assert.ok(converged && value < 1e-10);
  assert.ok(Math.abs(x[0] - 1) < 1e-4 && Math.abs(x[1] - 1) < 1e-4);
});

test('stays where the objective is defined', () => {
  const { x } = nelderMead(([a]) => (a <= 0 ? Number.NaN : a - Math.log(a)), Float64Array.of(5), 1);
  assert.ok(Math.abs(x[0] - 1) < 1e-3);
});

test('says when it ran out of evaluations, and leaves its start alone', () => {
  const start = Float64Array.of(-1.2, 1);
  const run = nelderMead(([a, b]) => (1 - a) ** 2 + 100 * (b - a * a) ** 2, start, 0.5, { maxEvaluations: 20 });
  assert.equal(run.converged, false);
  assert.deepEqual([...start], [-1.2, 1]);
});
