import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notMeasured } from '@engram/domain';
import { textOf } from '../fixtures/page-reading.js';
import { epsilonCell } from './epsilon-cell.js';

const measured = { status: 'measured', value: 1.323, low: 1.323, high: null, confidence: 0.95, n: 1000 } as const;

test('a lower bound is at least so much, and nothing bounds it from above', () => {
  assert.equal(
    textOf(epsilonCell({ ...measured, direction: 'lowerBound' }).markup),
    'at least 1.32 nothing bounds it from above; 95% confidence, n = 1,000',
  );
});

test('an interval is written with both ends', () => {
  const interval = { ...measured, value: 1.9, low: 1.6, high: 2.3, direction: 'interval' } as const;
  assert.equal(textOf(epsilonCell(interval).markup), '1.90 (1.60 to 2.30) 95% confidence, n = 1,000');
});

test('what was not measured says why', () => {
  assert.match(
    textOf(epsilonCell(notMeasured('ENG_INSUFFICIENT_SAMPLES', 'too few canaries')).markup),
    /not measured too few canaries/,
  );
});
