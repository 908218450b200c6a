import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notMeasured } from '@engram/domain';
import { measuredCell, measuredPhrase } from './measured-cell.js';

const text = (markup: { markup: string }) => markup.markup.replace(/<[^>]+>/g, '');

test('a measured number shows interval, confidence, count and method', () => {
  const cell = measuredCell(
    {
      status: 'measured',
      value: 0.0031,
      low: 0.0024,
      high: 0.004,
      confidence: 0.95,
      n: 4000,
      method: 'clopperPearson',
    },
    'rate',
  );
  assert.equal(text(cell), '0.31% (0.24% to 0.40%) 1 in 320; 95% interval, n = 4,000, Clopper–Pearson');
});

test('what was not measured says so with its reason and code', () => {
  const none = notMeasured('ENG_INSUFFICIENT_SAMPLES', 'needs 2,995 <non-members>, got 100');
  assert.equal(measuredCell(none, 'rate').markup.includes('not measured'), true);
  assert.equal(
    text(measuredCell(none, 'rate')),
    'not measured needs 2,995 &lt;non-members&gt;, got 100 ENG_INSUFFICIENT_SAMPLES',
  );
  assert.equal(measuredPhrase(none, 'rate'), 'not measured (needs 2,995 <non-members>, got 100)');
});
