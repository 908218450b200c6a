import {
  type AvailableSignals,
  missingRequirements,
  type PlannedMembershipAttack,
  parseAttackRequest,
} from '@engram/attacks';
import type { PrivacyBoundsTest } from '@engram/contract';
import { type DeclaredGuesses, declaredSplits } from '@engram/metrics';
import { binomialCdf } from '@engram/numeric';
import type { PrivacyBoundsDecisions } from '../decisions.js';
import { advisedCanaries } from '../privacy-bounds/bounds-limits.js';
import { attainableBound, defaultGuesses } from '../privacy-bounds/one-run-bounds.js';
import type { ResolvedAudit } from '../resources.js';
import type { Faults } from './faults.js';
import { availableSignals } from './membership/available-signals.js';

const pointer = '/tests/privacyBounds';
/** Fewer canaries than this cannot show a bound worth its name. */
const fewestCanaries = 100;
const fewestTrialsPerSide = 10;
/** Fair coins fall as unevenly as this once in a million audits: something else decided. */
const improbable = 1e-6;

export function decidePrivacyBounds(
  audit: ResolvedAudit,
  faults: Faults,
  notices: string[],
): PrivacyBoundsDecisions | null {
  const test = audit.request.tests.privacyBounds;
  if (test === undefined) return null;
  checkSides(audit, faults);
  const score = chooseScore(audit, test, faults);
  const common = {
    score,
    delta: test.delta,
    significance: test.significance,
    claimedEpsilon: test.claimedEpsilon ?? null,
  };
  if (test.delta === 0)
    notices.push(
      'At delta 0 bounds that suppose a Gaussian mechanism are left out: such a mechanism has no epsilon there.',
    );
  if (test.design === 'independentTrials') {
    checkTrials(audit, test, faults);
    return { ...common, design: 'independentTrials', threshold: test.threshold ?? 'disjointHalf' };
  }
  checkOneRun(audit, test, faults, notices);
  const canaries = audit.members + audit.nonMembers;
  const guesses = test.guesses ?? defaultGuesses(canaries);
  if (checkGuesses(guesses, canaries, faults)) noticeReach(test, guesses, canaries, notices);
  return { ...common, design: 'oneRun', guesses };
}

function dataPointer(audit: ResolvedAudit, side: 'members' | 'nonMembers'): string {
  return audit.datasets.auditSet === undefined ? `/data/${side}` : '/data/auditSet';
}

function checkSides(audit: ResolvedAudit, faults: Faults): void {
  for (const side of ['members', 'nonMembers'] as const)
    if (audit[side] === 0)
      faults.add(
        'ENG_ONE_CLASS_ONLY',
        dataPointer(audit, side),
        `bounds on epsilon compare canaries trained on with canaries left out: expected both, got no ${side}`,
        'Give the canaries of both sides, those left out of training included.',
      );
}

function checkOneRun(audit: ResolvedAudit, test: PrivacyBoundsTest, faults: Faults, notices: string[]): void {
  if (test.inclusion === undefined)
    faults.add(
      'ENG_REQUEST_INVALID',
      `${pointer}/inclusion`,
      'expected a statement of how it was decided which canaries are trained on, got none',
      'State "inclusion": "independentCoins" where a fair coin was thrown for every canary; POST /v1/canaries does that.',
    );
  if (test.inclusion === 'exactHalf')
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      `${pointer}/inclusion`,
      'the bound of one run is proved for canaries included by independent coins; where exactly half were drawn, each guess tells something of the others and the proof breaks',
      'Plant canaries anew with a fair coin for each (POST /v1/canaries), or retrain and use "design": "independentTrials".',
    );
  if (test.threshold !== undefined)
    faults.add(
      'ENG_REQUEST_INVALID',
      `${pointer}/threshold`,
      'one run is judged by a declared number of guesses, not by a threshold',
      'Leave threshold out, or name "design": "independentTrials".',
    );
  const canaries = audit.members + audit.nonMembers;
  if (audit.members === 0 || audit.nonMembers === 0) return;
  if (canaries < fewestCanaries)
    faults.add(
      'ENG_INSUFFICIENT_SAMPLES',
      dataPointer(audit, 'members'),
      `the bound of one run needs at least ${fewestCanaries} canaries, got ${canaries}`,
      `Plant ${advisedCanaries} canaries or more; 1,000 is the usual number.`,
    );
  else if (canaries < advisedCanaries)
    notices.push(`${canaries} canaries can show only small bounds: ${advisedCanaries} or more are advised.`);
  const fewer = Math.min(audit.members, audit.nonMembers);
  if (2 * binomialCdf(fewer, canaries, 0.5) < improbable)
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      dataPointer(audit, 'members'),
      `${audit.members} of ${canaries} canaries were trained on; fair coins fall so unevenly less than once in a million times`,
      'Give all canaries for which a coin was thrown, whichever way it fell, and no other samples.',
    );
  if (audit.members === audit.nonMembers)
    notices.push(
      'Exactly half of the canaries were trained on, which independent coins make now and then: where the half was drawn as such, no bound holds.',
    );
}

function checkTrials(audit: ResolvedAudit, test: PrivacyBoundsTest, faults: Faults): void {
  for (const field of ['inclusion', 'guesses'] as const)
    if (test[field] !== undefined)
      faults.add(
        'ENG_REQUEST_INVALID',
        `${pointer}/${field}`,
        `${field} belongs to the canaries of one run; independent trials are judged by a threshold`,
        `Leave ${field} out, or name "design": "oneRun".`,
      );
  if (audit.model !== undefined)
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      '/model',
      'independent trials are trainings of many models: expected what each recorded of the canary, got one model',
      'Leave the model out and upload one row per trained model, with its loss on the canary and member = 1 where it was trained on it.',
    );
  for (const side of ['members', 'nonMembers'] as const)
    if (audit[side] > 0 && audit[side] < fewestTrialsPerSide)
      faults.add(
        'ENG_INSUFFICIENT_SAMPLES',
        dataPointer(audit, side),
        `expected at least ${fewestTrialsPerSide} trainings with and without the canary, got ${audit[side]} ${side}`,
        'Train more models; 500 with the canary and 500 without can show an epsilon of about 5.',
      );
}

function checkGuesses(guesses: DeclaredGuesses, canaries: number, faults: Faults): boolean {
  let good = true;
  declaredSplits(guesses).forEach((split, i) => {
    const made = split.in + split.out;
    if (made >= 1 && made <= canaries) return;
    good = false;
    faults.add(
      'ENG_REQUEST_INVALID',
      'grid' in guesses ? `${pointer}/guesses/grid/${i}` : `${pointer}/guesses`,
      `expected 1 to ${canaries} guesses, one for each canary at most, got ${split.in} included and ${split.out} left out`,
      'Guess about no more canaries than there are.',
    );
  });
  return good;
}

function noticeReach(test: PrivacyBoundsTest, guesses: DeclaredGuesses, canaries: number, notices: string[]): void {
  if (test.claimedEpsilon === undefined) return;
  const most = attainableBound(canaries, guesses, test);
  if (most <= test.claimedEpsilon)
    notices.push(
      `These guesses cannot refute epsilon ${test.claimedEpsilon}: without an error they would show ${most.toFixed(3)}.`,
    );
}

/** The attack canaries are ranked by: one that reads the target and nothing else. */
function chooseScore(audit: ResolvedAudit, test: PrivacyBoundsTest, faults: Faults): PrivacyBoundsDecisions['score'] {
  const at = `${pointer}/score`;
  const attack = faults.gather(at, () => parseAttackRequest(test.score, at));
  if (attack === undefined) return { attack: 'loss', scoreId: 'loss', params: {} };
  const [missing] = missingRequirements(attack.requires, readOfTarget(audit));
  if (missing !== undefined)
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      at,
      `${attack.scoreId} cannot rank canaries: ${missing.message}`,
      onlyTarget(attack)
        ? missing.remedy
        : 'Use a score that the target alone gives: loss, entropy, modifiedEntropy or gradientNorm.',
    );
  else if (attack.ranks !== 'membership')
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      at,
      `${attack.scoreId} ranks how exposed samples are, not whether they were trained on`,
      'Use a score of membership: loss, for one.',
    );
  return { attack: attack.attack, scoreId: attack.scoreId, params: attack.params };
}

/** What the target alone tells of the canaries. */
function readOfTarget(audit: ResolvedAudit): AvailableSignals {
  const all = availableSignals(audit, { count: 0, given: null });
  const { labels, loss, scaledConfidence, squaredError = false, probabilities, correct = false, measures = [] } = all;
  return { labels, squaredError, loss, scaledConfidence, probabilities, correct, measures, population: 0 };
}

const ofTarget: ReadonlySet<string> = new Set([
  'labels',
  'loss',
  'scaledConfidence',
  'probabilities',
  'correct',
  'squaredError',
  'measure',
]);

function onlyTarget(attack: PlannedMembershipAttack): boolean {
  return attack.requires.every(({ signal }) => ofTarget.has(signal));
}
