import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullReport } from '../fixtures/full-report.js';
import { glossaryOf } from './glossary.js';

const words = (report: ReturnType<typeof fullReport>) => glossaryOf(report).map(([word]) => word);

test('only words of the parts a report has are explained', () => {
  const { privacyBounds: _bounds, memorization: _memorization, ...others } = fullReport();
  assert.ok(words(fullReport()).includes('Epsilon'));
  assert.ok(!words(others).includes('Epsilon') && !words(others).includes('Influence'));
  assert.ok(!words({ ...others, extraction: null }).includes('Canary'));
});

test('words every report uses are always explained', () => {
  assert.ok(words({ ...fullReport(), membership: null, extraction: null }).includes('Interval'));
});
