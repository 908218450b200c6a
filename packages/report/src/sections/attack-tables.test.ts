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

test('says beside the AUC of a ranking what it goes by and what it is not, above and below a half', () => {
  const { membership } = fullReport();
  const of = (low: number, value: number, high: number) => {
    const [first] = membership!.attacks;
    assert.ok(first.auc.status === 'measured');
    const ranking = {
      ...first,
      attack: 'leverage',
      ranks: 'vulnerability',
      auc: { ...first.auc, low, value, high },
    } as const;
    return textOf(String(attackTable({ ...membership!, attacks: [ranking] }, ['Leverage'])));
  };
  for (const text of [of(0.55, 0.6, 0.65), of(0.45, 0.49, 0.53), of(0.3, 0.36, 0.42)])
    assert.match(text, /leaving the record out.*No sign of a leak or of safety/s);
  assert.match(of(0.3, 0.36, 0.42), /0\.36.*Below 0\.5: non-members rank above members/s);
  assert.doesNotMatch(of(0.45, 0.49, 0.53), /Below 0\.5/);
});
