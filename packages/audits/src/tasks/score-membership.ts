import {
  type MembershipSignals,
  type PlannedMembershipAttack,
  parseAttackRequest,
  type ReferenceSignals,
  vulnerability,
} from '@engram/attacks';
import type { AttackResult, Gate, MembershipReport } from '@engram/contract';
import { asEngramError, type Bundle, EngramError, type Json, type NdArray, type TaskSpec } from '@engram/domain';
import { clopperPearson, holm } from '@engram/metrics';
import { deriveSeed } from '@engram/numeric';
import type { ChosenAttack, ChosenRecipe } from '../decisions.js';
import { type BlindGate, blindGateOf } from '../membership/blind-gate.js';
import { modelSwapControl, modelSwapGate, splitHalfGate } from '../membership/control-gates.js';
import { membershipFindings } from '../membership/findings.js';
import { detectionPValue, measureAttack } from '../membership/measure-attack.js';
import { concludeMembership } from '../membership/verdict.js';
import { openAuditRows } from './audit-rows.js';
import { param, readBundle, type TaskContext, type TaskResult } from './context.js';

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
  const signals = membershipSignals(collected, references);
  const { membership } = rows;
  const confidence = param<number>(task, 'confidence');
  const fpr = param<number[]>(task, 'fpr');
  const skipped = [...param<MembershipReport['skipped']>(task, 'skipped')];

  context.progress(0.1, 'blind baseline');
  const blind = await blindGateOf(rows, deriveSeed(task.seed, 'blind'), confidence);
  const results: { result: AttackResult; scores: Float64Array; pValue: number }[] = [];
  const chosenAttacks = param<ChosenAttack[]>(task, 'attacks');
  for (const [i, chosen] of chosenAttacks.entries()) {
    context.signal.throwIfAborted();
    context.progress(0.4 + (0.6 * i) / chosenAttacks.length, chosen.scoreId);
    const attack = parseAttackRequest({ attack: chosen.attack, ...chosen.params });
    try {
      refuseClipped(attack, collected);
      const scores = attack.score(signals, { seed: deriveSeed(task.seed, 'score', chosen.scoreId) });
      const control = modelSwapControl(attack, signals, membership, deriveSeed(task.seed, 'swap', i), confidence);
      const result = measureAttack({
        chosen,
        primary: i === 0,
        scores,
        membership,
        control,
        referenceModels: attack.references === null ? 0 : (signals.reference?.models ?? 0),
        fpr,
        confidence,
        seed: deriveSeed(task.seed, 'interval', i),
        blind,
      });
      results.push({ result, scores, pValue: detectionPValue(scores, membership) });
    } catch (error) {
      const { code, message, family } = asEngramError(error);
      if (family !== 'notApplicable') throw error;
      skipped.push({ attack: chosen.scoreId, code, reason: message });
    }
  }
  return conclude({ results, skipped, blind, signals, collected, membership, confidence, task });
}

interface Scored {
  readonly results: readonly {
    readonly result: AttackResult;
    readonly scores: Float64Array;
    readonly pValue: number;
  }[];
  readonly skipped: MembershipReport['skipped'];
  readonly blind: BlindGate;
  readonly signals: MembershipSignals;
  readonly collected: Bundle;
  readonly membership: Uint8Array;
  readonly confidence: number;
  readonly task: TaskSpec;
}

function conclude(scored: Scored): TaskResult {
  const { results, blind, signals, membership, confidence, task } = scored;
  const [primary] = results;
  if (primary === undefined)
    throw new EngramError(
      'ENG_ATTACK_NOT_APPLICABLE',
      `no attack could run: ${scored.skipped[0]?.reason ?? 'none was asked for'}`,
      {
        remedy:
          'See the reason given for each attack; outputs with fewer saturated probabilities, or logits, usually help.',
      },
    );
  const gates: Gate[] = [
    blind.gate,
    modelSwapGate(primary.result.control),
    splitHalfGate(primary.scores, membership, deriveSeed(task.seed, 'halves'), confidence),
  ];
  const corrected = holm(results.map(({ pValue }) => pValue));
  const evidence = results.map(({ result }, i) => ({ result, pValue: corrected[i] }));
  const { verdict, statement } = concludeMembership(evidence, gates, confidence);
  const attacks = results.map(({ result }) => result);
  const members = membership.reduce((sum, value) => sum + value, 0);
  const section: MembershipReport = {
    verdict,
    statement,
    members,
    nonMembers: membership.length - members,
    gates,
    attacks,
    skipped: scored.skipped,
    referenceModels: describeReferences(scored),
    target: {
      accuracyMembers: accuracy(scored, 1),
      accuracyNonMembers: accuracy(scored, 0),
    },
    limits: limitsOf(scored, gates),
  };
  const columns: Record<string, NdArray> = {};
  for (const { result, scores } of results) columns[`column.${result.scoreId}`] = vector(scores);
  columns['column.targetLoss'] = vector(signals.target.loss);
  const exposed = perSampleVulnerability(signals);
  if (exposed !== null) columns['column.vulnerability'] = vector(exposed);
  return {
    bundle: {
      arrays: columns,
      meta: {
        section: section as unknown as Json,
        findings: membershipFindings(verdict, attacks, gates) as unknown as Json,
      },
    },
    facts: { verdict, findings: membershipFindings(verdict, attacks, gates).slice(0, 10) as unknown as Json },
  };
}

/** Reference signals of all groups, model after model in order of their numbers; those given with the data otherwise. */
async function readReferences(
  context: TaskContext,
  n: number,
): Promise<{ signals: ReferenceSignals; population: Float64Array; correct: Uint8Array } | null> {
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
    correct: join(new Uint8Array(models * n), 'correct'),
  };
}

function membershipSignals(
  collected: Bundle,
  references: Awaited<ReturnType<typeof readReferences>>,
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
  return {
    ...(label === undefined ? {} : { labels: label }),
    target: {
      loss: floats('loss')!,
      ...(scaledConfidence === undefined ? {} : { scaledConfidence }),
      ...(logProbabilities === undefined ? {} : { logProbabilities }),
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

function describeReferences({ signals, task, collected }: Scored): MembershipReport['referenceModels'] {
  const { reference } = signals;
  if (reference === undefined) return null;
  const chosen = param<ChosenRecipe | null>(task, 'recipe');
  const given = collected.arrays['reference.loss'] !== undefined;
  const mean = (side: number) => {
    // The most likely class is the label wherever p_y > 1/2; counted so, both sides are treated alike.
    let right = 0;
    let total = 0;
    reference.trainedOn.forEach((trained, i) => {
      if (trained !== side) return;
      total += 1;
      if (reference.loss[i] < Math.LN2) right += 1;
    });
    return total === 0 ? null : right / total;
  };
  return {
    count: reference.models,
    recipe: (given || chosen === null ? {} : chosen.recipe) as Record<string, Json> as NonNullable<
      MembershipReport['referenceModels']
    >['recipe'],
    recipeFrom: given || chosen === null ? 'given' : chosen.from,
    accuracyIn: mean(1),
    accuracyOut: mean(0),
  };
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

/** How far a sample's inclusion moves its confidence, in pooled standard deviations, from the bank alone. */
function perSampleVulnerability({ reference }: MembershipSignals): Float64Array | null {
  if (reference?.scaledConfidence === undefined || reference.models < 8) return null;
  return vulnerability({ models: reference.models, trainedOn: reference.trainedOn, values: reference.scaledConfidence })
    .separation;
}

function limitsOf({ signals, skipped, collected }: Scored, gates: readonly Gate[]): string[] {
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
  if (skipped.length > 0)
    limits.push(`${skipped.length} of the attacks asked for could not run; the reasons stand with them.`);
  return limits;
}

function vector(data: Float64Array): NdArray {
  return { data, shape: [data.length] };
}
