import {
  type AvailableSignals,
  balancedReferences,
  defaultMembershipSuite,
  missingRequirements,
  type PlannedMembershipAttack,
  parseAttackRequest,
  thinRequirements,
} from '@engram/attacks';
import { minimumNonMembers } from '@engram/metrics';
import type { MembershipDecisions } from '../decisions.js';
import { auditedRoles, type ResolvedAudit } from '../resources.js';
import type { Faults } from './faults.js';
import { longQuestions } from './long-questions.js';
import { offeredMeasures } from './offered-measures.js';

const defaultClassifierReferences = 16;
const defaultLanguageModelReferences = 4;
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

  const trainable = audit.model?.inspected.abilities.includes('train') ?? false;
  const fallback = audit.target === 'languageModel' ? defaultLanguageModelReferences : defaultClassifierReferences;
  const asked = test.referenceModels.count ?? (trainable ? fallback : 0);
  if (asked > 0 && !trainable)
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      '/tests/membership/referenceModels/count',
      audit.model === undefined
        ? `${asked} reference models were asked for, and this audit names no model to train them like`
        : `${asked} reference models were asked for, and a model of kind ${audit.model.inspected.kind} cannot be trained here`,
      'Leave referenceModels out and give the outputs of reference models with the data, or audit a model that can be trained.',
    );
  const count = asked - (asked % 2);
  if (count !== asked)
    notices.push(`Reference models are trained in complementary pairs: ${count} instead of ${asked}.`);
  const pointer = '/tests/membership/attacks';
  const available = availableTo(audit, trainable ? count : 0);
  const planned =
    test.attacks === 'default'
      ? defaultMembershipSuite(available).map((attack) => ({ attack, at: pointer }))
      : parseEntries(test.attacks, pointer, faults);

  const attacks = planned.flatMap(({ attack, at }) => {
    const [missing] = missingRequirements(attack.requires, available);
    if (missing === undefined) return [attack];
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      at,
      `${attack.scoreId}: ${missing.message}`,
      trainable || audit.target === 'outputs'
        ? missing.remedy
        : `${missing.remedy} A model of kind ${audit.model?.inspected.kind} cannot be trained here.`,
    );
    return [];
  });
  for (const attack of attacks)
    for (const thin of thinRequirements(attack.requires, available))
      notices.push(`${attack.scoreId}: ${thin.message}.`);
  notices.push(...longQuestions(attacks, audit));

  const usesReferences = attacks.some((attack) => attack.references !== null);
  return {
    attacks: attacks.map(({ attack, scoreId, params }) => ({ attack, scoreId, params })),
    skipped: [],
    fpr: chooseRates(audit, test.fpr, faults, notices),
    referenceModels: trainable && usesReferences ? count : 0,
  };
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

/** What attacks will be able to read, before anything has run. */
function availableTo(audit: ResolvedAudit, referenceModels: number): AvailableSignals {
  const population = audit.datasets.population?.inspected.count ?? 0;
  if (audit.target === 'languageModel')
    return {
      labels: false,
      loss: true,
      scaledConfidence: true,
      probabilities: false,
      population,
      ...(referenceModels > 0 ? { reference: balancedReferences(referenceModels) } : {}),
    };
  if (audit.target === 'classifier')
    return {
      labels: true,
      loss: true,
      scaledConfidence: true,
      probabilities: true,
      correct: true,
      measures: offeredMeasures(audit),
      population,
      ...(referenceModels > 0 ? { reference: balancedReferences(referenceModels) } : {}),
    };
  return availableOutputs(audit, population);
}

function availableOutputs(audit: ResolvedAudit, population: number): AvailableSignals {
  const parts = auditedRoles(audit.datasets).map((role) => audit.datasets[role]!.inspected);
  const all = (...fields: (keyof (typeof parts)[number]['fields'])[]) =>
    fields.some((field) => parts.every((part) => part.fields[field] !== undefined));
  const vectors = all('logits', 'probabilities') && all('label');
  const scaled = vectors || all('scaledConfidence');
  const models = Math.min(...parts.map((part) => part.referenceModels ?? 0));
  const referenceVectors = all('referenceLogits', 'referenceProbabilities') && all('label');
  return {
    labels: all('label'),
    loss: vectors || all('loss') || all('scaledConfidence'),
    scaledConfidence: scaled || all('loss'),
    probabilities: vectors,
    correct: vectors,
    population,
    ...(models > 0 && all('referenceMember')
      ? {
          reference: {
            ...balancedReferences(models),
            loss: referenceVectors || all('referenceLoss', 'referenceScaledConfidence'),
            scaledConfidence: referenceVectors || all('referenceLoss', 'referenceScaledConfidence'),
          },
        }
      : {}),
  };
}

/**
 * The rates true positives are reported at. A named rate the non-members cannot show is refused; unnamed, those that
 * can be shown are taken.
 */
function chooseRates(
  audit: ResolvedAudit,
  asked: readonly number[] | undefined,
  faults: Faults,
  notices: string[],
): number[] {
  const n = audit.nonMembers;
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
