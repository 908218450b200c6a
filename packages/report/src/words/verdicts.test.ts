import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullReport } from '../fixtures/full-report.js';
import { verdictSentence } from './verdicts.js';

test('a leak is named by the tests that found it', () => {
  const report = fullReport();
  assert.equal(
    verdictSentence(report),
    'It can be told which records this model was trained on, parts of its training data can be got out of this model, some records it answers only because it was trained on them, and the privacy claimed for its training, an epsilon of 1, does not hold.',
  );
  const { membership, privacyBounds: _bounds, memorization: _memorization, ...others } = report;
  assert.ok(membership);
  assert.match(verdictSentence({ ...others, membership }), /trained on, and parts of its training data/);
  const extractionOnly = { ...others, membership: { ...membership, verdict: 'invalid' as const } };
  assert.equal(verdictSentence(extractionOnly), 'Parts of its training data can be got out of this model.');
});

test('finding nothing is not called safe', () => {
  assert.match(verdictSentence({ ...fullReport(), verdict: 'noLeakFound' }), /Other tests might/);
});
