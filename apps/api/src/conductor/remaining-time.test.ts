import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan, TaskKind, TaskSpec } from '@engram/domain';
import { remainingSeconds, type Underway } from './remaining-time.js';

function task(key: string, kind: TaskKind, units: number, after: readonly string[] = []): TaskSpec {
  return {
    key,
    kind,
    version: 1,
    inputs: Object.fromEntries(after.map((each) => [each, { task: each }])),
    params: {},
    seed: 0,
    units,
    resource: 'compute',
  };
}

/** Three reference tasks of 10 units each, a score of 1 unit after them, the report after the score. */
const plan: Plan = {
  tasks: [
    task('a', 'train-reference', 10),
    task('b', 'train-reference', 10),
    task('c', 'train-reference', 10),
    task('s', 'score-membership', 1, ['a', 'b', 'c']),
    task('r', 'write-report', 1, ['s']),
  ],
  root: 'r',
};

const untouched: Underway = { plan, done: new Set(), running: new Map(), ranSeconds: [], slots: 1 };
const pace = { 'train-reference': 2, 'score-membership': 3, 'write-report': 1 };

test('on one slot the remaining time is the sum of the remaining work', () => {
  // 3 × 10 × 2 + 3 + 1
  assert.equal(remainingSeconds(untouched, pace), 64);
});

test('no number of slots makes an audit shorter than its longest chain of tasks', () => {
  // One reference (20), then the score (3), then the report (1).
  assert.equal(remainingSeconds({ ...untouched, slots: 100 }, pace), 24);
});

test('done tasks and done fractions are no longer waited for', () => {
  const underway = {
    ...untouched,
    done: new Set(['a', 'b']),
    running: new Map([['c', { fraction: 0.5, elapsedSeconds: 1 }]]),
  };
  assert.equal(remainingSeconds(underway, pace), 14);
});

test('a kind never timed lasts as long as this audit’s tasks have lasted', () => {
  // Two tasks took 3 s and 5 s: 4 s each. c by that, s and r by their own pace.
  const underway = { ...untouched, done: new Set(['a', 'b']), ranSeconds: [3, 5] };
  assert.equal(remainingSeconds(underway, { 'score-membership': 3, 'write-report': 1 }), 8);
});

test('a running task that does not tell its fraction has its usual time less what has passed, but never nothing', () => {
  const after = (elapsedSeconds: number) =>
    remainingSeconds(
      { ...untouched, done: new Set(['a', 'b']), running: new Map([['c', { fraction: 0, elapsedSeconds }]]) },
      pace,
    );
  // c takes 20 s, s 3 and r 1.
  assert.equal(after(5), 19);
  assert.equal(after(100), 5);
});

test('nothing is claimed before anything was timed', () => {
  assert.equal(remainingSeconds(untouched, {}), null);
});

test('nothing remains once the report is written', () => {
  assert.equal(remainingSeconds({ ...untouched, done: new Set(plan.tasks.map(({ key }) => key)) }, {}), 0);
});
