import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forgettingEvents, rankableEvents } from './score.js';

test('counts right predictions followed by wrong ones; never right is Infinity', () => {
  // Columns: 0,1,1,0,1,0 and all 0 and all 1.
  const correct = [0, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1];
  const events = forgettingEvents(correct, 3);
  assert.deepEqual([...events], [2, Infinity, 0]);
  assert.deepEqual([...rankableEvents(events)], [2, 3, 0]);
});

test('samples never learned rank above none that was', () => {
  assert.deepEqual([...rankableEvents(Float64Array.of(Infinity, Infinity))], [1, 1]);
});
