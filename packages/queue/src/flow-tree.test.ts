import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '@engram/domain';
import fc from 'fast-check';
import { planOf } from './fixtures/plans.js';
import { type FlowNode, flowTree, inputTasks, nodesOf } from './flow-tree.js';

const nothing = (): boolean => false;

function shapeOf(node: FlowNode): string {
  const children = node.children.map(shapeOf).join(' ');
  const awaits = node.awaits.map((key) => `~${key}`).join(' ');
  const inside = [children, awaits].filter((text) => text !== '').join(' ');
  return inside === '' ? node.task.key : `${node.task.key}(${inside})`;
}

test('a task read by two hangs under the first and is awaited by the second', () => {
  const plan = planOf({ report: ['score1', 'score2'], score1: ['signals'], score2: ['signals'], signals: [] });
  assert.equal(shapeOf(flowTree(plan, nothing)), 'report(score1(signals) score2(~signals))');
});

test('what is done is left out with everything only it needed', () => {
  const plan = planOf({
    report: ['score'],
    score: ['signals', 'reference'],
    signals: ['model'],
    reference: [],
    model: [],
  });
  assert.equal(shapeOf(flowTree(plan, (key) => key === 'signals')), 'report(score(reference))');
});

test('a plan that is all done is still its root, whose completion ends the audit', () => {
  const plan = planOf({ report: ['score'], score: [] });
  assert.equal(shapeOf(flowTree(plan, () => true)), 'report');
});

test('a circular plan and one that reads a task it does not hold are refused', () => {
  assert.throws(() => flowTree(planOf({ a: ['b'], b: ['a'] }), nothing), /circular/);
  assert.throws(() => flowTree(planOf({ a: ['a'] }), nothing), /circular/);
  assert.throws(() => flowTree(planOf({ a: ['b'] }), nothing), { code: 'ENG_INTERNAL', message: /does not hold it/ });
});

/** Plans in which task n reads some of the tasks below it: every graph without circles, up to names. */
const anyPlan: fc.Arbitrary<{ plan: Plan; done: Set<string> }> = fc
  .integer({ min: 1, max: 12 })
  .chain((size) =>
    fc.record({
      edges: fc.array(fc.array(fc.boolean(), { minLength: size, maxLength: size }), {
        minLength: size,
        maxLength: size,
      }),
      done: fc.array(fc.boolean(), { minLength: size, maxLength: size }),
    }),
  )
  .map(({ edges, done }) => {
    const name = (index: number): string => `t${index}`;
    const reads = edges.map((row, from): [string, string[]] => [
      name(from),
      row.flatMap((reads, to) => (reads && to > from ? [name(to)] : [])),
    ]);
    return {
      plan: planOf(Object.fromEntries(reads)),
      done: new Set(done.flatMap((is, index) => (is ? [name(index)] : []))),
    };
  });

test('every task that is needed and not done stands in the tree exactly once', () => {
  fc.assert(
    fc.property(anyPlan, ({ plan, done }) => {
      const needed = new Set<string>();
      const visit = (key: string): void => {
        if (needed.has(key)) return;
        needed.add(key);
        if (!done.has(key)) for (const input of inputTasks(plan.tasks.find((task) => task.key === key)!)) visit(input);
      };
      visit(plan.root);
      const expected = [...needed].filter((key) => key === plan.root || !done.has(key));
      const placed = [...nodesOf(flowTree(plan, (key) => done.has(key)))].map((node) => node.task.key);
      assert.deepEqual(placed.sort(), expected.sort());
    }),
  );
});

test('a task’s unfinished inputs are its children or awaited, and rank before it', () => {
  fc.assert(
    fc.property(anyPlan, ({ plan, done }) => {
      const nodes = [...nodesOf(flowTree(plan, (key) => done.has(key)))];
      const rankOf = new Map(nodes.map((node) => [node.task.key, node.rank]));
      for (const node of nodes) {
        const before = [...node.children.map((child) => child.task.key), ...node.awaits];
        const unfinished = done.has(node.task.key) ? [] : inputTasks(node.task).filter((key) => !done.has(key));
        assert.deepEqual(before.sort(), unfinished.sort());
        for (const key of before) assert.ok(rankOf.get(key)! < node.rank);
      }
    }),
  );
});

test('parents are listed before their children', () => {
  fc.assert(
    fc.property(anyPlan, ({ plan }) => {
      const seen = new Set<string>();
      for (const node of nodesOf(flowTree(plan, nothing))) {
        seen.add(node.task.key);
        for (const child of node.children) assert.equal(seen.has(child.task.key), false);
      }
    }),
  );
});
