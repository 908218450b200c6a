import { type MembershipSignals, type PlannedMembershipAttack, parseAttackRequest } from '@engram/attacks';
import type { MembershipInformation, MembershipReport } from '@engram/contract';
import { type Bundle, type Json, type NdArray, notMeasured, type TaskSpec } from '@engram/domain';
import { clopperPearson } from '@engram/metrics';
import { deriveSeed } from '@engram/numeric';
import type { ChosenAttack, ChosenRecipe, MembershipDecisions } from '../decisions.js';
import { describeReferences } from '../membership/describe-references.js';
import { membershipDetails } from '../membership/details/membership-details.js';
import { type ShownSamples, shownSamples } from '../membership/details/shown-samples.js';
import { informationOverTrainings } from '../membership/details/traceability.js';
import { membershipFindings } from '../membership/findings.js';
import { gatesOf } from '../membership/gates/gates.js';
import { limitsOf } from '../membership/limits.js';
import { type RetrainedDetails, retrainedTargets } from '../membership/retrained-targets/retrained-targets.js';
import { type AttackGround, corrected, measureScored, type ScoredAttack, testsOf } from '../membership/run-attack.js';
import { concludeMembership } from '../membership/verdict.js';
import { type AuditRows, openAuditRows, vector } from './audit-rows.js';
import { param, readBundle, type TaskContext, type TaskResult } from './context.js';
import { readSignals } from './membership-signals.js';
import { type JoinedReferences, readRetrained } from './read-references.js';
import { readScores } from './score-attack.js';
import { type BlindBaseline, readBlindBaseline } from './score-blind-baseline.js';

/**
 * Measures what every attack made of the samples, with its controls and gates, and concludes. Every number is of the samples
 * judged; those set aside only set thresholds and teach attacks. Leaves one column per attack (`column.<scoreId>`) and what
 * attacks show beside it (`column.<scoreId>.<name>`), the
 * section `section` of the report and `findings`.
 */
export async function scoreMembership(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const collected = await readBundle(context, 'signals');
  const chosen = param<ChosenAttack[]>(task, 'attacks');
  const attacks = chosen.map(({ attack, params }) => parseAttackRequest({ attack, ...params }));
  const readsProbabilities = attacks.some(({ requires }) =>
    requires.some(({ signal }) => signal === 'referenceProbabilities'),
  );
  const retrained = await readRetrained(context, readsProbabilities);
  // Attacks were scored already; only retrained targets are yet to be.
  const { signals, references } = await readSignals(context, rows, collected, retrained === null ? [] : attacks);
  const blind = readBlindBaseline(await readBundle(context, 'blind'));
  const ground: AttackGround = {
    signals,
    membership: rows.membership.subarray(0, rows.judged),
    blind,
    fpr: param<number[]>(task, 'fpr'),
    confidence: param<number>(task, 'confidence'),
    seed: task.seed,
  };
  const results: ScoredAttack[] = [];
  const skipped = [...param<MembershipReport['skipped']>(task, 'skipped')];
  for (const [i, attack] of attacks.entries()) {
    context.signal.throwIfAborted();
    context.progress(i / attacks.length, attack.scoreId);
    const scored = await readScores(context, attackInput(i));
    // The order was fixed beforehand: when the first cannot run, the next takes its place.
    const primaryScores = testsOf(results)[0]?.scores.subarray(0, rows.judged) ?? null;
    if ('reason' in scored) skipped.push(scored);
    else results.push(measureScored(attack, chosen[i], scored, ground, primaryScores));
  }
  return conclude({
    task,
    rows,
    attacks,
    results: corrected(results),
    skipped,
    blind,
    ground,
    references,
    retrained,
    collected,
  });
}

/** The input of `score-membership` that holds what the attack of this number made of the samples. */
export function attackInput(number: number): string {
  return `attack.${String(number).padStart(3, '0')}`;
}

interface Scored {
  readonly task: TaskSpec;
  readonly rows: AuditRows;
  readonly attacks: readonly PlannedMembershipAttack[];
  readonly results: readonly ScoredAttack[];
  readonly skipped: MembershipReport['skipped'];
  readonly blind: BlindBaseline;
  readonly ground: AttackGround;
  readonly references: JoinedReferences | null;
  readonly retrained: JoinedReferences | null;
  readonly collected: Bundle;
}

async function conclude(scored: Scored): Promise<TaskResult> {
  const { task, rows, attacks, results, skipped, blind, ground, references, retrained, collected } = scored;
  const { signals, membership, confidence } = ground;
  const tests = testsOf(results);
  const gates = gatesOf(results, blind, ground);
  const members = membership.reduce((sum, value) => sum + value, 0);
  const counted = { members, nonMembers: membership.length - members };
  const conclusion = concludeMembership(
    tests.map(({ result }) => result),
    gates,
    { ...counted, confidence },
  );
  const shown = await shownSamples(rows);
  const details = detailsOf(scored, gates, shown);
  const target = { accuracyMembers: accuracy(ground, 1), accuracyNonMembers: accuracy(ground, 0) };
  const others =
    retrained === null
      ? null
      : retrainedTargets({ retrained, attacks, results, ground, gates, target, sampleIds: shown.sampleIds });
  const recipe = references?.areGiven === false ? param<ChosenRecipe | null>(task, 'recipe') : null;
  const labelsAlone = tellsLabelsAlone(signals);
  const limits = limitsOf({
    results,
    skipped,
    gates,
    reference: signals.reference,
    labelsAlone,
    membership,
    shared: blind.shared,
    clippedShare: Number(collected.meta.clippedShare ?? 0),
    referenceClippedShare: Number(collected.meta.referenceClippedShare ?? 0),
    unscored: Number(collected.meta.unscored ?? 0),
    retrained: others?.section.count ?? 0,
    named: attacks.find(({ ranks }) => ranks === 'membership')?.scoreId,
  });
  const section: MembershipReport = {
    ...conclusion,
    ...counted,
    gates,
    attacks: results.map(({ result }) => result),
    ...details.section,
    ...(details.section.cmi === undefined ? {} : { cmi: overRetrained(details.section.cmi, others, ground) }),
    ...(others === null ? {} : { retrainedTargets: others.section }),
    skipped,
    referenceModels: signals.reference === undefined ? null : describeReferences(signals.reference, recipe),
    target: { ...target, ...(labelsAlone ? { labelsAlone } : {}) },
    limits: [...limits, ...details.limits, ...(others?.limits ?? [])],
  };
  const columns: Record<string, NdArray> = {};
  for (const { result, scores, columns: beside } of results) {
    columns[`column.${result.scoreId}`] = vector(scores);
    for (const [name, values] of Object.entries(beside)) columns[`column.${name}`] = vector(values);
  }
  if (signals.target.loss !== undefined) columns['column.targetLoss'] = vector(signals.target.loss);
  for (const [name, values] of Object.entries({ ...details.columns, ...others?.columns }))
    columns[`column.${name}`] = vector(values);
  const findings = membershipFindings(conclusion.verdict, tests, gates, confidence);
  return {
    bundle: {
      arrays: columns,
      meta: { section: section as unknown as Json, findings: findings as unknown as Json },
    },
    facts: { verdict: conclusion.verdict, findings: findings.slice(0, 10) as unknown as Json },
  };
}

function detailsOf({ task, results, blind, ground }: Scored, gates: MembershipReport['gates'], shown: ShownSamples) {
  const [primary] = testsOf(results);
  const { signals, membership, confidence } = ground;
  return membershipDetails({
    signals,
    membership,
    confidence,
    blind,
    shown,
    correct: signals.target.correct?.subarray(0, membership.length) ?? null,
    primary: primary === undefined ? null : { scoreId: primary.result.scoreId, scores: primary.scores },
    gates,
    decided: {
      fpr: ground.fpr,
      certify: param<MembershipDecisions['certify']>(task, 'certify'),
      slices: param<MembershipDecisions['slices']>(task, 'slices'),
    },
    seed: task.seed,
  });
}

/** What the primary attack's scores prove, beside what they prove of retrained targets. */
function overRetrained(
  information: MembershipInformation,
  retrained: RetrainedDetails | null,
  { membership, confidence, seed }: AttackGround,
): MembershipInformation {
  if (information.status === 'notMeasured') return information;
  if (retrained === null)
    return {
      ...information,
      overRetrained: notMeasured(
        'ENG_NOT_REQUESTED',
        'guesses inside one model depend on each other: ask for retrained targets (tests.membership.retrainedTargets) to have an interval',
      ),
    };
  const { primaryScores: scores } = retrained;
  return {
    ...information,
    overRetrained:
      scores === null
        ? notMeasured('ENG_ATTACK_NOT_APPLICABLE', `${information.scoreId} could not be run on the retrained targets`)
        : informationOverTrainings({ scores, membership, confidence, seed: deriveSeed(seed, 'tracing') }),
  };
}

/** Whether all that is known of the target's answers is which are right. */
function tellsLabelsAlone({ target }: MembershipSignals): boolean {
  return target.loss === undefined && target.correct !== undefined;
}

function accuracy({ signals, membership, confidence }: AttackGround, side: 0 | 1) {
  const { correct } = signals.target;
  if (correct === undefined)
    return {
      status: 'notMeasured',
      code: 'ENG_NOT_REQUESTED',
      reason: signals.target.squaredError
        ? 'a regression predicts numbers, and is right or wrong about none'
        : 'accuracy needs class outputs and labels',
    } as const;
  let right = 0;
  let total = 0;
  membership.forEach((member, i) => {
    if (member !== side) return;
    total += 1;
    right += correct[i];
  });
  return clopperPearson(right, total, confidence);
}
