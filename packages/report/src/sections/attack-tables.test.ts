import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullReport } from '../fixtures/full-report.js';
import { textOf } from '../fixtures/page-reading.js';
import { attackTable, comparisonTable, precisionTable, ratesTables } from './attack-tables.js';

test('what ranks members stands among the AUCs under its own name, and accuses nobody in the tables of accusations', () => {
  const { membership } = fullReport();
  const labels = membership!.attacks.map((_, i) => `attack number ${i}`);
  const [first, second, ...others] = membership!.attacks;
  const report = { ...membership!, attacks: [first, { ...second, ranks: 'vulnerability' as const }, ...others] };
  const aucs = textOf(String(attackTable(report, labels)));
  assert.match(aucs, /attack number 1\s+ranks members, no test of membership/);
  for (const table of [ratesTables(report, labels), comparisonTable(report, labels), precisionTable(report, labels)]) {
    const text = textOf(String(table));
    assert.ok(text.includes('attack number 0') && !text.includes('attack number 1'));
  }
});
