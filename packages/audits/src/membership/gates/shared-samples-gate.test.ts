import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedSamplesGate } from './shared-samples-gate.js';

const membership = Uint8Array.from({ length: 400 }, (_, i) => Number(i < 200));
/** The first `count` non-members equal the first members, one each. */
const sharing = (count: number) => Int32Array.from(membership, (_, i) => (i >= 200 && i < 200 + count ? i - 200 : i));
const judged = (count: number) => sharedSamplesGate(sharing(count), membership, 0.95);

test('passes to 1 %, warns to 10 % and fails beyond, with the exact count', () => {
  assert.deepEqual(
    [0, 2, 3, 20, 21].map((count) => judged(count).gate.outcome),
    ['pass', 'pass', 'warn', 'warn', 'fail'],
  );
  const { gate, shared } = judged(21);
  assert.equal(shared, 21);
  assert.match(gate.statement, /21 of 200 non-members equal a member.*Remove them/);
  assert.equal(gate.measured.status === 'measured' && gate.measured.value, 21 / 200);
});

test('counts a non-member however many members it equals, and repeats within a side not at all', () => {
  const first = Int32Array.from(membership, (_, i) => i);
  // Rows 0 and 1 are the same member, 200 equals both; 300 to 310 are one non-member many times.
  first[1] = 0;
  first[200] = 0;
  first.fill(300, 300, 311);
  assert.equal(sharedSamplesGate(first, membership, 0.95).shared, 1);
});

test('is not run where the samples are not shown', () => {
  const { gate, shared } = sharedSamplesGate(null, membership, 0.95);
  assert.deepEqual([gate.outcome, shared], ['notRun', null]);
});
