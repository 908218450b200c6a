import {
  type MeasuredTarget,
  type MembershipSignals,
  measureKey,
  type PlannedMembershipAttack,
  parseAttackRequest,
  type ReferenceSignals,
  type TargetMeasure,
} from '@engram/attacks';
import type { AttackResult, Gate, MembershipReport } from '@engram/contract';
import {
  asEngramError,
  type Bundle,
  EngramError,
  type Json,
  type NdArray,
  notMeasured,
  type TaskSpec,
} from '@engram/domain';
import { clopperPearson } from '@engram/metrics';
import { deriveSeed } from '@engram/numeric';
import type { ChosenAttack, ChosenRecipe, MembershipDecisions } from '../decisions.js';
import { settleBlindGate } from '../membership/blind-gate.js';
import { modelSwapControl, modelSwapGate, noControl, splitHalfGate } from '../membership/control-gates.js';
import { correctForMultiplicity } from '../membership/correct-for-multiplicity.js';
import { type ControlledAttack, membershipFindings } from '../membership/findings.js';
import { type AttackScores, controlRates, measureAttack } from '../membership/measure-attack.js';
import { membershipDetails } from '../membership/membership-details.js';
import { type ShownSamples, shownSamples } from '../membership/shown-samples.js';
import { concludeMembership, someBeatsBlind } from '../membership/verdict.js';
import { openAuditRows, vector } from './audit-rows.js';
import { param, readBundle, type TaskContext, type TaskResult } from './context.js';
import { type BlindBaseline, readBlindBaseline } from './score-blind-baseline.js';

/** Above this share of clipped probabilities, ratios of confidences mean nothing. */
const largestClippedShare = 0.05;

/**
 * Runs every attack on the collected signals, with its controls and gates, and concludes. Leaves one column per attack
 * (`column.<scoreId>`), the section `section` of the report and `findings`.
 */
export async function scoreMembership(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const collected = await readBundle(context, 'signals');
  const references = await readReferences(context, rows.count);
  const signals = membershipSignals(collected, references, await readMeasured(context));
  const { judged } = rows;
  const membership = rows.membership.subarray(0, judged);
  const confidence = param<number>(task, 'confidence');
  const fpr = param<number[]>(task, 'fpr');
  const skipped = [...param<MembershipReport['skipped']>(task, 'skipped')];

  const blind = readBlindBaseline(await readBundle(context, 'blind'));
  const results: ScoredAttack[] = [];
  const chosenAttacks = param<ChosenAttack[]>(task, 'attacks');
  for (const [i, chosen] of chosenAttacks.entries()) {
    context.signal.throwIfAborted();
    context.progress(i / chosenAttacks.length, chosen.scoreId);
    const attack = plan(chosen);
    try {
      refuseClipped(attack, collected);
      const scores = attack.score(signals, { seed: deriveSeed(task.seed, 'score', chosen.scoreId) });
      const input: AttackScores = {
        chosen,
        // The order was fixed beforehand: when the first cannot run, the next takes its place.
        primaryScores: testsOf(results)[0]?.scores.subarray(0, judged) ?? null,
        scores: scores.subarray(0, judged),
        membership,
        calibrationScores: scores.subarray(judged),
        control: modelSwapControl(attack, signals, membership, deriveSeed(task.seed, 'swap', i), confidence),
        referenceModels: attack.references === null ? 0 : (signals.reference?.models ?? 0),
        fpr,
        confidence,
        seed: deriveSeed(task.seed, 'interval', i),
        blind,
      };
      results.push({
        result: attack.ranks === 'membership' ? measureAttack(input) : asRanking(measureAttack(input)),
        controlRates: controlRates(input),
        scores,
      });
    } catch (error) {
      const { code, message, family } = asEngramError(error);
      if (family !== 'notApplicable') throw error;
      skipped.push({ attack: chosen.scoreId, code, reason: message });
    }
  }
  const shown = await shownSamples(rows);
  return conclude({ results, skipped, blind, shown, signals, references, collected, membership, confidence, task });
}

function plan({ attack, params }: ChosenAttack): PlannedMembershipAttack {
  return parseAttackRequest({ attack, ...params });
}

interface ScoredAttack extends ControlledAttack {
  /** (n) of all rows. */
  readonly scores: Float64Array;
}

interface Scored {
  readonly results: readonly ScoredAttack[];
  readonly skipped: MembershipReport['skipped'];
  readonly blind: BlindBaseline;
  readonly shown: ShownSamples;
  readonly signals: MembershipSignals;
  readonly references: TrainedReferences | null;
  readonly collected: Bundle;
  readonly membership: Uint8Array;
  readonly confidence: number;
  readonly task: TaskSpec;
}

function conclude(scored: Scored): TaskResult {
  const { signals, membership, confidence } = scored;
  const results = corrected(scored.results);
  const attacks = results.map(({ result }) => result);
  const tests = testsOf(results);
  const gates = gatesOf({ ...scored, results });
  const details = detailsOf({ ...scored, results }, gates);
  const members = membership.reduce((sum, value) => sum + value, 0);
  const judged = { members, nonMembers: membership.length - members, confidence };
  const { verdict, statement, samplesToSettle } = concludeMembership(
    tests.map(({ result }) => result),
    gates,
    judged,
  );
  const section: MembershipReport = {
    verdict,
    statement,
    samplesToSettle,
    members,
    nonMembers: membership.length - members,
    gates,
    attacks,
    ...details.section,
    skipped: scored.skipped,
    referenceModels: describeReferences(scored),
    target: {
      accuracyMembers: accuracy(scored, 1),
      accuracyNonMembers: accuracy(scored, 0),
    },
    limits: [...limitsOf(scored, gates), ...details.limits],
  };
  const columns: Record<string, NdArray> = {};
  for (const { result, scores } of results) columns[`column.${result.scoreId}`] = vector(scores);
  columns['column.targetLoss'] = vector(signals.target.loss);
  for (const [name, values] of Object.entries(details.columns)) columns[`column.${name}`] = vector(values);
  const findings = membershipFindings(verdict, tests, gates, confidence);
  return {
    bundle: {
      arrays: columns,
      meta: { section: section as unknown as Json, findings: findings as unknown as Json },
    },
    facts: { verdict, findings: findings.slice(0, 10) as unknown as Json },
  };
}

/** Results that are evidence on who is a member. */
function testsOf<T extends ControlledAttack>(results: readonly T[]): T[] {
  return results.filter(({ result }) => result.ranks === undefined);
}

/** A result shown beside the tests of membership: not among them, so compared with none and corrected for none. */
function asRanking(result: AttackResult): AttackResult {
  return { ...result, ranks: 'vulnerability', primary: false, againstPrimary: null };
}

/** Tests of membership corrected for their number, all results in their order. */
function corrected(results: readonly ScoredAttack[]): ScoredAttack[] {
  const tests = testsOf(results);
  const adjusted = correctForMultiplicity(tests.map(({ result }) => result));
  return results.map((one) => ({ ...one, result: adjusted[tests.indexOf(one)] ?? one.result }));
}

function detailsOf({ results, collected, membership, task, ...scored }: Scored, gates: readonly Gate[]) {
  const [primary] = testsOf(results);
  return membershipDetails({
    ...scored,
    membership,
    correct: collected.arrays.correct?.data.subarray(0, membership.length) ?? null,
    primary: primary === undefined ? null : { scoreId: primary.result.scoreId, scores: primary.scores },
    gates,
    decided: {
      fpr: param<number[]>(task, 'fpr'),
      certify: param<MembershipDecisions['certify']>(task, 'certify'),
      slices: param<MembershipDecisions['slices']>(task, 'slices'),
    },
    seed: task.seed,
  });
}

function gatesOf({ results, blind, signals, membership, confidence, task }: Scored): Gate[] {
  const tests = testsOf(results);
  const [primary] = tests;
  const beaten = someBeatsBlind(
    tests.map(({ result }) => result),
    1 - confidence,
  );
  if (primary !== undefined)
    return [
      settleBlindGate(blind.gate, beaten),
      blind.sharedGate,
      modelSwapGate(primary.result.control, membership),
      splitHalfGate(
        primary.scores.subarray(0, membership.length),
        membership,
        deriveSeed(task.seed, 'halves'),
        confidence,
      ),
    ];
  const measured = notMeasured('ENG_ATTACK_NOT_APPLICABLE', 'no attack could be run');
  return [
    blind.gate,
    blind.sharedGate,
    modelSwapGate(signals.reference === undefined ? noControl(0) : measured, membership),
    { gate: 'splitHalf', outcome: 'notRun', measured, statement: `not run: ${measured.reason}.` },
  ];
}

interface TrainedReferences {
  readonly signals: ReferenceSignals;
  /** (models, nZ) */
  readonly population: Float64Array;
  /** (models, n); null for language models, which have no class to get right. */
  readonly correct: Uint8Array | null;
}

/** Reference signals of all groups, model after model in order of their numbers; those given with the data otherwise. */
async function readReferences(context: TaskContext, n: number): Promise<TrainedReferences | null> {
  const names = Object.keys(context.inputs)
    .filter((name) => name.startsWith('reference.'))
    .sort();
  if (names.length === 0) return null;
  const groups: Bundle[] = [];
  for (const name of names) groups.push(await readBundle(context, name));
  const models = groups.reduce((sum, group) => sum + group.arrays.trainedOn.shape[0], 0);
  const join = <T extends Float64Array | Uint8Array>(into: T, name: string): T => {
    let at = 0;
    for (const group of groups) {
      const array = group.arrays[name];
      if (array === undefined) continue;
      into.set(array.data as never, at);
      at += array.data.length;
    }
    return into;
  };
  const populationSize = groups[0].arrays['population.loss']?.shape[1] ?? 0;
  return {
    signals: {
      models,
      trainedOn: join(new Uint8Array(models * n), 'trainedOn'),
      loss: join(new Float64Array(models * n), 'loss'),
      scaledConfidence: join(new Float64Array(models * n), 'scaledConfidence'),
    },
    population: join(new Float64Array(models * populationSize), 'population.loss'),
    correct: groups[0].arrays.correct === undefined ? null : join(new Uint8Array(models * n), 'correct'),
  };
}

/** What the target was asked further, by the key of the measure that each task left with its values. */
async function readMeasured(context: TaskContext): Promise<MeasuredTarget> {
  const measured: Record<string, NdArray<Float64Array>> = {};
  for (const name of Object.keys(context.inputs).filter((input) => input.startsWith('measure.'))) {
    const { arrays, meta } = await readBundle(context, name);
    measured[measureKey(meta.measure as unknown as TargetMeasure)] = arrays.values as NdArray<Float64Array>;
  }
  return measured;
}

function membershipSignals(
  collected: Bundle,
  references: TrainedReferences | null,
  measured: MeasuredTarget,
): MembershipSignals {
  const { arrays } = collected;
  const floats = (name: string) => arrays[name]?.data as Float64Array | undefined;
  const given = floats('reference.loss');
  const reference: ReferenceSignals | undefined =
    references?.signals ??
    (given === undefined
      ? undefined
      : {
          models: arrays['reference.loss'].shape[0],
          trainedOn: arrays['reference.trainedOn'].data as Uint8Array,
          loss: given,
          scaledConfidence: floats('reference.scaledConfidence')!,
        });
  const populationLoss = floats('population.loss');
  const populationReference = references === null ? floats('population.referenceLoss') : references.population;
  const label = arrays.label?.data as Int32Array | undefined;
  const logProbabilities = arrays.logProbabilities as NdArray<Float64Array> | undefined;
  const scaledConfidence = floats('scaledConfidence');
  const correct = arrays.correct?.data as Uint8Array | undefined;
  return {
    ...(label === undefined ? {} : { labels: label }),
    target: {
      loss: floats('loss')!,
      ...(scaledConfidence === undefined ? {} : { scaledConfidence }),
      ...(logProbabilities === undefined ? {} : { logProbabilities }),
      ...(correct === undefined ? {} : { correct }),
      measured,
    },
    ...(reference === undefined ? {} : { reference }),
    ...(populationLoss === undefined || populationReference === undefined
      ? {}
      : { population: { targetLoss: populationLoss, referenceLoss: populationReference } }),
  };
}

/** @throws ENG_SATURATED_OUTPUTS an attack that compares confidences would compare clipping with clipping. */
function refuseClipped(attack: PlannedMembershipAttack, collected: Bundle): void {
  const share = Number(collected.meta.clippedShare ?? 0);
  const compares = attack.requires.some(
    (requirement) => 'reads' in requirement && requirement.reads === 'scaledConfidence',
  );
  if (!compares || share <= largestClippedShare) return;
  throw new EngramError(
    'ENG_SATURATED_OUTPUTS',
    `${(100 * share).toFixed(1)} % of the target's probabilities are 0 or 1 to their precision; ${attack.scoreId} needs at most ${100 * largestClippedShare} %`,
    { remedy: 'Give logits instead of probabilities.' },
  );
}

function describeReferences({ signals, task, collected, references }: Scored): MembershipReport['referenceModels'] {
  const { reference } = signals;
  if (reference === undefined) return null;
  const chosen = param<ChosenRecipe | null>(task, 'recipe');
  const given = collected.arrays['reference.loss'] !== undefined;
  const correct = references?.correct ?? (collected.arrays['reference.correct']?.data as Uint8Array | undefined);
  return {
    count: reference.models,
    recipe: (given || chosen === null ? {} : chosen.recipe) as Record<string, Json> as NonNullable<
      MembershipReport['referenceModels']
    >['recipe'],
    recipeFrom: given || chosen === null ? 'given' : chosen.from,
    accuracyIn: correct === undefined || correct === null ? null : shareRight(correct, reference.trainedOn, 1),
    accuracyOut: correct === undefined || correct === null ? null : shareRight(correct, reference.trainedOn, 0),
  };
}

function shareRight(correct: Uint8Array, trainedOn: Uint8Array, side: 0 | 1): number | null {
  let right = 0;
  let total = 0;
  trainedOn.forEach((trained, i) => {
    if (trained !== side) return;
    total += 1;
    right += correct[i];
  });
  return total === 0 ? null : right / total;
}

function accuracy({ collected, membership, confidence }: Scored, side: 0 | 1) {
  const correct = collected.arrays.correct?.data;
  if (correct === undefined)
    return {
      status: 'notMeasured',
      code: 'ENG_NOT_REQUESTED',
      reason: 'accuracy needs class outputs and labels',
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

function limitsOf(
  { signals, skipped, collected, results, blind, membership, task }: Scored,
  gates: readonly Gate[],
): string[] {
  const limits = [
    'One training run of the target was judged: another run of the same recipe may expose other samples.',
  ];
  if (signals.reference === undefined)
    limits.push(
      'No reference models: only attacks that compare samples with each other ran. Calibrated attacks usually find more.',
    );
  else if (signals.reference.models < 16)
    limits.push(
      `${signals.reference.models} reference models: 16 or more are advised for true positive rates at low false positive rates.`,
    );
  if (gates.some(({ gate, outcome }) => gate === 'blindBaseline' && outcome === 'notRun'))
    limits.push(
      'The blind baseline did not run, so a difference between the two groups other than membership would go unseen.',
    );
  const share = Number(collected.meta.clippedShare ?? 0);
  if (share > 0)
    limits.push(`${(100 * share).toFixed(1)} % of the probabilities were saturated; logits would say more.`);
  const { shared } = blind;
  const twins = shared === null ? 0 : Math.max(shared.exact, shared.near ?? 0);
  if (twins > 0)
    limits.push(
      `${twins} of the non-members ${shared?.near === null ? 'equal a member' : 'equal or nearly equal a member'}: no attack can tell these apart, and the numbers are lower for it.`,
    );
  const unscored = Number(collected.meta.unscored ?? 0);
  if (unscored > 0)
    limits.push(
      `Texts of fewer than two tokens say nothing of a model and stand in the middle of the ranking: ${unscored} of ${membership.length}.`,
    );
  const first = param<ChosenAttack[]>(task, 'attacks').find((chosen) => plan(chosen).ranks === 'membership');
  const [primary] = testsOf(results);
  if (primary !== undefined && primary.result.scoreId !== first?.scoreId)
    limits.push(
      `The attack named beforehand, ${first?.scoreId}, could not run; ${primary.result.scoreId}, the next in order, stands in for it.`,
    );
  const rankings = results.filter(({ result }) => result.ranks === 'vulnerability').map(({ result }) => result.scoreId);
  if (rankings.length > 0)
    limits.push(
      `Not ${rankings.length === 1 ? 'a test' : 'tests'} of membership: ${rankings.join(', ')}. ${rankings.length === 1 ? 'It ranks' : 'They rank'} members by how exposed they are; a value for a non-member says how exposed it would have been, and the verdict takes no account of ${rankings.length === 1 ? 'it' : 'them'}.`,
    );
  if (skipped.length > 0)
    limits.push(`${skipped.length} of the attacks asked for could not run; the reasons stand with them.`);
  return limits;
}
