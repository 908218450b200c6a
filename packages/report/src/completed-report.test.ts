import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completedReport } from './completed-report.js';
import { fullReport } from './fixtures/full-report.js';
import { textOf } from './fixtures/page-reading.js';
import { mapNodes } from './fixtures/report-mapping.js';
import { renderReportPage } from './render-report-page.js';

const later = [
  'samplesToSettle',
  'blindBaseline',
  'lossTail',
  'certified',
  'traceability',
  'cmi',
  'slices',
  'vulnerability',
  'pValue',
  'adjustedPValue',
  'againstPrimary',
  'aboveAllNonMembers',
  'advantage',
  'aucAboveBlind',
  'threshold',
  'height',
  'precision',
  'privacyBounds',
  'memorization',
  'labelMemorization',
];

/** The full report as it would have been stored before the parts named above were written, and what findings count. */
function earlierReport(): ReturnType<typeof fullReport> {
  const report = fullReport();
  const findings = report.findings.map(({ quantity: _quantity, ...stored }) => stored);
  return mapNodes({ ...report, findings }, (value, [part = 'membership']) =>
    part === 'membership' && typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).filter(([key]) => !later.includes(key)))
      : value,
  );
}

test('a report of an earlier version renders, with what it did not measure said so', () => {
  const text = textOf(renderReportPage(earlierReport()));
  assert.match(text, /p not measured/);
  assert.match(text, /the report was written before this was measured/);
  assert.doesNotMatch(text, /NaN|undefined|Records certified|Parts of the records/);
});

test('a report of this version is completed by nothing', () => {
  assert.deepEqual(completedReport(fullReport()), fullReport());
});
