import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullReport } from '../fixtures/full-report.js';
import { inconclusiveReport, invalidReport, noLeakReport } from '../fixtures/verdict-reports.js';
import { memorizationAdvice } from './memorization-advice.js';
import { nextSteps } from './next-steps.js';
import { privacyBoundsAdvice } from './privacy-bounds-advice.js';

const actions = (report: ReturnType<typeof fullReport>) =>
  nextSteps(report)
    .map(({ action }) => action)
    .join('\n');

test('an invalid comparison is to be repaired as the failed gate needs', () => {
  const steps = nextSteps(invalidReport());
  assert.equal(steps.length, 1);
  assert.match(steps[0].action, /at random from one pool/);
  assert.match(steps[0].because, /0\.991/);
});

test('an undecided audit is told how many non-members the rate asked for wants', () => {
  const report = inconclusiveReport();
  assert.match(actions(report), /at least 1,000 non-members/);
  const [attack] = report.membership?.attacks ?? [];
  attack.tprAtFpr[0].fpr = 0.001;
  assert.match(actions(report), /at least 10,000 non-members/);
});

test('an undecided audit that says what would settle it is taken at its word', () => {
  const report = inconclusiveReport();
  assert.ok(report.membership);
  report.membership.samplesToSettle = { perSide: 2140, rule: 'A difference of 0.05 in AUC would then show.' };
  const [step] = nextSteps(report);
  assert.match(step.action, /at least 2,140 members and as many non-members/);
  assert.equal(step.because, 'A difference of 0.05 in AUC would then show.');
});

test('secrets are to be changed from the number of repetitions at which they show above chance', () => {
  assert.match(actions(fullReport()), /stands 10 times or more/);
});

test('secrets that do not show above chance give no advice', () => {
  const report = fullReport();
  const exposure = report.extraction?.exposure;
  assert.ok(exposure);
  for (const group of exposure.byRepetitions)
    group.shareDetected = {
      ...group.shareDetected,
      status: 'measured',
      value: 0.04,
      low: 0.001,
      high: 0.2,
      confidence: 0.95,
      n: 24,
      method: 'wilson',
    };
  assert.doesNotMatch(actions(report), /secret/);
});

test('a report without a leak is not left without advice', () => {
  assert.match(actions(noLeakReport()), /Keep this audit in the pipeline/);
});

test('a refuted claim is to be withdrawn, an unrefuted one gives no advice', () => {
  assert.match(actions(fullReport()), /Withdraw the epsilon claimed/);
  const bounds = fullReport().privacyBounds!;
  assert.deepEqual(privacyBoundsAdvice({ ...bounds, verdict: 'noLeakFound' }), []);
  assert.match(privacyBoundsAdvice({ ...bounds, verdict: 'invalid' })[0].action, /independent coins/);
  assert.match(privacyBoundsAdvice({ ...bounds, claimedEpsilon: null })[0].action, /no epsilon below the bound/);
});

test('deleting memorized records is said to expose others only where it was shown', () => {
  const memorization = fullReport().memorization!;
  assert.match(memorizationAdvice(memorization)[0].action, /deleting the exposed exposed others/);
  assert.match(memorizationAdvice({ ...memorization, onion: null })[0].action, /and audit again\.$/);
});

test('labels listed for review are for a person to look at', () => {
  assert.match(actions(fullReport()), /a person look at the 20 labels/);
});

test('a report with no tests at all is not left without advice', () => {
  assert.ok(nextSteps({ ...fullReport(), membership: null, extraction: null }).length > 0);
});
