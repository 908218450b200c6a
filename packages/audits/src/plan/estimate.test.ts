import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Plan, TaskKind, TaskSpec } from '@engram/domain';
import { estimateCost } from './estimate.js';

const task = (key: string, kind: TaskKind, units: number): TaskSpec => ({
  key,
  kind,
  units,
  version: 1,
  inputs: {},
  params: {},
  seed: 0,
  resource: 'compute',
});
const plan: Plan = {
  tasks: [
    task('a', 'collect-signals', 10),
    task('b', 'train-reference', 100),
    task('c', 'train-reference', 300),
    task('d', 'write-report', 1),
  ],
  root: 'd',
};
const pace = { 'collect-signals': 0.1, 'train-reference': 0.01, 'write-report': 2 };

describe('estimating the cost of a plan', () => {
  it('adds up units times pace, and divides by the workers', () => {
    // 10 x 0.1 + 400 x 0.01 + 1 x 2 = 7
    assert.equal(estimateCost(plan, pace, { workers: 1 }).seconds, 7);
    assert.equal(estimateCost(plan, pace, { workers: 2 }).seconds, 3.5);
    assert.deepEqual(estimateCost(plan, pace, { workers: 1 }).byKind['train-reference'], { tasks: 2, seconds: 4 });
  });

  it('counts nothing for what is finished', () => {
    const cost = estimateCost(plan, pace, { workers: 1, finished: new Set(['b', 'c']) });
    assert.deepEqual([cost.seconds, cost.tasks, cost.byKind['train-reference']], [3, 2, undefined]);
  });

  it('knows no time while a kind was never measured, and still knows the others', () => {
    const cost = estimateCost(plan, { 'train-reference': 0.01 }, { workers: 1 });
    assert.equal(cost.seconds, null);
    assert.deepEqual(cost.byKind['collect-signals'], { tasks: 1, seconds: null });
    assert.deepEqual(cost.byKind['train-reference'], { tasks: 2, seconds: 4 });
  });
});
