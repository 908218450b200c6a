import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullReport } from '../fixtures/full-report.js';
import { verdictSentence } from './verdicts.js';

test('a leak is named by the tests that found it', () => {
  const report = fullReport();
  assert.match(verdictSentence(report), /which records .* and parts of its training data/);
  assert.ok(report.membership);
  const extractionOnly = { ...report, membership: { ...report.membership, verdict: 'invalid' as const } };
  assert.equal(verdictSentence(extractionOnly), 'Parts of its training data can be got out of this model.');
});

test('finding nothing is not called safe', () => {
  assert.match(verdictSentence({ ...fullReport(), verdict: 'noLeakFound' }), /Other tests might/);
});
