import {
  defaultMembershipSuite,
  missingRequirements,
  type PlannedMembershipAttack,
  type ProbabilityOfTruth,
  parseAttackRequest,
  probabilityKey,
  type SignalRequirement,
  thinRequirements,
} from '@engram/attacks';
import { sliceKinds } from '@engram/contract';
import { minimumNonMembers } from '@engram/metrics';
import type { MembershipDecisions } from '../../decisions.js';
import type { ResolvedAudit } from '../../resources.js';
import type { Faults } from '../faults.js';
import { availableSignals } from './available-signals.js';
import { chooseReferences } from './choose-references.js';
import { decideCertify } from './decide-certify.js';
import { decideRetrainedTargets } from './decide-retrained-targets.js';
import { noticesOfInclusion } from './inclusion-of-rows.js';
import { noticesOfLabels } from './label-targets.js';
import { longQuestions } from './long-questions.js';
import { refuseLeakingMasks } from './refuse-leaking-masks.js';
import { refuseSaturated } from './refuse-saturated.js';
import { noticesOfForms } from './trained-forms.js';

/** False positive rates reported when none are named, as far as the sample count can show them. */
const defaultRates = [0.1, 0.01, 0.001];
/** Below this many on a side not even an AUC is worth its interval. */
const fewestPerSide = 20;

export function decideMembership(audit: ResolvedAudit, faults: Faults, notices: string[]): MembershipDecisions | null {
  const test = audit.request.tests.membership;
  if (test === undefined) return null;
  for (const [side, count] of [
    ['members', audit.members],
    ['nonMembers', audit.nonMembers],
  ] as const)
    if (count < fewestPerSide)
      faults.add(
        'ENG_INSUFFICIENT_SAMPLES',
        audit.datasets.auditSet === undefined ? `/data/${side}` : '/data/auditSet',
        `membership needs at least ${fewestPerSide} ${side}, got ${count}`,
        'Add samples; 1,000 on each side is a good start.',
      );

  const references = chooseReferences(audit, faults, notices);
  const pointer = '/tests/membership/attacks';
  const available = availableSignals(audit, references);
  const planned =
    test.attacks === 'default'
      ? defaultMembershipSuite(available).map((attack) => ({ attack, at: pointer }))
      : parseEntries(test.attacks, pointer, faults);

  if (test.attacks !== 'default')
    refuseLeakingMasks(
      planned.map(({ attack }) => attack),
      audit,
      references,
      faults,
    );
  const attacks = planned.flatMap(({ attack, at }) => {
    const [missing] = missingRequirements(attack.requires, available);
    if (missing === undefined) return [attack];
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      at,
      `${attack.scoreId}: ${missing.message}`,
      audit.model === undefined || audit.model.inspected.abilities.includes('train')
        ? missing.remedy
        : `${missing.remedy} A model of kind ${audit.model.inspected.kind} cannot be trained here.`,
    );
    return [];
  });
  if (test.attacks !== 'default') refuseSaturated(attacks, audit, faults);
  for (const attack of attacks)
    for (const thin of thinRequirements(attack.requires, available))
      notices.push(`${attack.scoreId}: ${thin.message}.`);
  for (const attack of attacks) {
    const idle = attack.withoutEffect(available);
    if (idle !== null) notices.push(`${attack.scoreId}: ${idle}.`);
  }
  notices.push(...longQuestions(attacks, audit), ...noticesOfLabels(audit));
  if (audit.target === 'outputs' || references.given === 'field') notices.push(...noticesOfInclusion(audit));

  const queries = Math.max(1, ...attacks.flatMap(({ requires }) => requires.map(formsAsked)));
  notices.push(...noticesOfForms(queries, audit));
  const lossesUnder = probabilitiesAsked(attacks);
  const usesReferences = attacks.some((attack) => attack.references !== null);
  const trained = usesReferences && references.given === null ? references.count : 0;
  return {
    attacks: attacks.map(({ attack, scoreId, params }) => ({ attack, scoreId, params })),
    skipped: [],
    fpr: chooseRates(audit, test.fpr, faults, notices),
    certify: decideCertify(audit, faults),
    slices: test.slices === true ? sliceKinds : test.slices === false ? [] : test.slices,
    referenceModels: trained,
    givenReferences: usesReferences ? references.given : null,
    queries,
    ...(lossesUnder.length === 0 ? {} : { lossesUnder }),
    retrainedTargets: decideRetrainedTargets(audit, attacks, trained, faults, notices),
  };
}

function formsAsked(requirement: SignalRequirement): number {
  return requirement.signal === 'queries' ? requirement.count : 1;
}

/** The other probabilities of the truth attacks read losses under, each once. */
function probabilitiesAsked(attacks: readonly PlannedMembershipAttack[]): ProbabilityOfTruth[] {
  const asked = new Map<string, ProbabilityOfTruth>();
  for (const { requires } of attacks)
    for (const requirement of requires)
      if (requirement.signal === 'lossUnder')
        asked.set(probabilityKey(requirement.probability), requirement.probability);
  return [...asked.values()];
}

interface Entry {
  readonly attack: PlannedMembershipAttack;
  /** Where the request names it. */
  readonly at: string;
}

function parseEntries(entries: readonly unknown[], pointer: string, faults: Faults): Entry[] {
  const seen = new Set<string>();
  return entries.flatMap((entry, i) => {
    const at = `${pointer}/${i}`;
    const attack = faults.gather(at, () => parseAttackRequest(entry, at));
    if (attack === undefined) return [];
    if (seen.has(attack.scoreId)) {
      faults.add(
        'ENG_REQUEST_INVALID',
        at,
        `${attack.scoreId} is named twice with the same parameters`,
        'Name each attack once, or with other parameters.',
      );
      return [];
    }
    seen.add(attack.scoreId);
    return [{ attack, at }];
  });
}

/**
 * The rates true positives are reported at. A named rate that neither the non-members nor those set aside can show is
 * refused; unnamed, those that can be shown are taken.
 */
function chooseRates(
  audit: ResolvedAudit,
  asked: readonly number[] | undefined,
  faults: Faults,
  notices: string[],
): number[] {
  const n = Math.max(audit.nonMembers, audit.datasets.calibration?.inspected.count ?? 0);
  if (asked === undefined) {
    const shown = defaultRates.filter((fpr) => n >= minimumNonMembers(fpr));
    const left = defaultRates.filter((fpr) => !shown.includes(fpr));
    if (left.length > 0)
      notices.push(
        `${n} non-members cannot show false positive rates of ${left.join(', ')}: those would need ${left.map((fpr) => minimumNonMembers(fpr)).join(', ')}.`,
      );
    return shown;
  }
  asked.forEach((fpr, i) => {
    const needed = minimumNonMembers(fpr);
    if (n < needed)
      faults.add(
        'ENG_INSUFFICIENT_SAMPLES',
        `/tests/membership/fpr/${i}`,
        `a false positive rate of ${fpr} needs at least ${needed} non-members to be shown, got ${n}`,
        `Give ${needed} non-members or more, or ask for a higher rate.`,
      );
  });
  return [...new Set(asked)].sort((a, b) => b - a);
}
