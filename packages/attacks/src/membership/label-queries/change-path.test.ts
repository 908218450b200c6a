import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changeBudgets, stepAgainst } from './change-path.js';

const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-6 * Math.max(1, Math.abs(b)), `${a} ${b}`);

describe('the changes tried', () => {
  test('grow from 0.05 % of the range to the largest, evenly on a log scale', () => {
    const budgets = changeBudgets({ steps: 4, largestChange: 0.5, range: [-1, 3] });
    assert.equal(budgets.length, 4);
    close(budgets[0], 0.002);
    close(budgets[3], 2);
    for (let t = 2; t < 4; t += 1) close(budgets[t] / budgets[t - 1], budgets[1] / budgets[0]);
    assert.deepEqual([...changeBudgets({ steps: 1, largestChange: 0.5, range: [0, 1] })], [0.5]);
    assert.deepEqual([...changeBudgets({ steps: 2, largestChange: 0.0001, range: [0, 1] })], [0.0001, 0.0001]);
  });

  test('go against the sign of all gradients so far, each as heavy as the others', () => {
    const row = { values: Float32Array.of(1, 1, 1), origin: Float32Array.of(1, 1, 1), momentum: new Float32Array(3) };
    const range = [-10, 10] as const;
    stepAgainst(Float32Array.of(3, -1, 0), row, { size: 0.5, budget: 0.5, range });
    assert.deepEqual([...row.values], [0.5, 1.5, 1]);
    // Together 0.75 - 0.25, -0.25 + 0.5 and 0 - 0.25: the second gradient is a thousand times the first, and weighs the same.
    stepAgainst(Float32Array.of(-1000, 2000, -1000), row, { size: 0.25, budget: 0.75, range });
    assert.deepEqual([...row.values], [0.25, 1.25, 1.25]);
  });

  test('stay within their budget and within the range, and end where there is no slope', () => {
    const row = { values: Float32Array.of(0.1, 0.9), origin: Float32Array.of(0.1, 0.9), momentum: new Float32Array(2) };
    stepAgainst(Float32Array.of(1, 1), row, { size: 0.5, budget: 0.25, range: [0, 1] });
    assert.deepEqual([...row.values], [0, Math.fround(Math.fround(0.9) - 0.25)]);
    const before = row.values.slice();
    stepAgainst(new Float32Array(2), row, { size: 0.5, budget: 1, range: [0, 1] });
    assert.deepEqual(row.values, before);
  });
});
