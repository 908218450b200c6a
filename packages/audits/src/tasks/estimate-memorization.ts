import { agreement, consistency, type Memorization, subsampledMemorization } from '@engram/attacks';
import type { MemorizationReport } from '@engram/contract';
import { type Bundle, type Json, type NdArray, notMeasured, type TaskSpec } from '@engram/domain';
import { median } from '@engram/numeric';
import type { ChosenRecipe, MemorizationDecisions } from '../decisions.js';
import { meanInterval } from '../difficulty/mean-interval.js';
import { type Bank, bankOf } from '../memorization/bank.js';
import { type DescribedInfluence, describeInfluence } from '../memorization/describe-influence.js';
import { answersOf, exposureOf } from '../memorization/exposure.js';
import { limitsOf } from '../memorization/limits.js';
import {
  type Certified,
  certify,
  falseDiscoveryRate,
  memorizationOf,
  rememberedByTarget,
} from '../memorization/summarize.js';
import { concludeMemorization, memorizationFindings } from '../memorization/verdict.js';
import { type AuditRows, openAuditRows, openRole, rowsWhere, vector } from './audit-rows.js';
import { param, readBundle, type TaskContext, type TaskResult } from './context.js';

const listed = 20;
/** Bins of the distribution, from -1 to 1. */
const bins = 20;

/**
 * How much each sample's own presence in training changes what a bank of models says of it. Leaves
 * `column.memorization`, `column.memorizationSe`, and as far as the bank tells `column.consistency`, `column.agreement`,
 * `column.vulnerability` and `column.influence`; `exposure` (n), by which an onion is peeled; the section `section` of the
 * report, without its onion and correlations, and `findings`.
 */
export async function estimateMemorization(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const collected = await readBundle(context, 'signals');
  const bank = bankOf(await referenceGroups(context), collected);
  const decisions = param<MemorizationDecisions>(task, 'decisions');
  const confidence = param<number>(task, 'confidence');
  const { measure, threshold } = decisions;
  const { models, trainedOn } = bank;
  const estimate = subsampledMemorization({ models, trainedOn, values: answersOf(bank, measure) }, measure);
  context.signal.throwIfAborted();
  const judged = rows.membership.subarray(0, rows.judged);
  const members = certify(estimate, rowsWhere(judged, 1), threshold, confidence);
  const nonMembers = certify(estimate, rowsWhere(judged, 0), threshold, confidence);
  const target = rememberedByTarget(
    targetAnswers(collected, measure),
    estimate.heldOut,
    members.rows,
    nonMembers.rows,
    confidence,
  );
  const evidence = { measure, models, threshold, members: members.summary, target };
  const { verdict, statement } = concludeMemorization(evidence);
  const named = await namesOf(rows);
  const influence = await influenceOn(rows, bank, estimate, decisions, confidence, named, context);
  const columns = columnsOf(bank, estimate, influence);
  const section: MemorizationReport = {
    verdict,
    statement,
    bank: describeBank(bank, rows, param<ChosenRecipe | null>(task, 'recipe'), decisions),
    measure,
    threshold,
    falseDiscoveryRate,
    standardError: spreadOf(estimate, bank),
    members: members.summary,
    nonMembers: nonMembers.summary,
    target,
    distribution: distributionOf(estimate, judged),
    top: topMembers(estimate, members, bank, collected, named, confidence),
    typicality: {
      consistency: overJudged(columns.consistency, rows.judged, confidence),
      agreement: overJudged(columns.agreement, rows.judged, confidence),
    },
    influence: influence?.section ?? null,
    onion: null,
    correlations: [],
    limits: limitsOf({ decisions, models, influence: influence?.section ?? null }),
  };
  const findings = memorizationFindings(verdict, evidence);
  const arrays: Record<string, NdArray> = {};
  for (const [name, values] of Object.entries(columns)) if (values !== null) arrays[`column.${name}`] = vector(values);
  if (decisions.onion !== null) arrays.exposure = vector(exposureOf(bank, decisions.onion.exposure, decisions.measure));
  return {
    bundle: { arrays, meta: { section: section as unknown as Json, findings: findings as unknown as Json } },
    facts: { verdict, models, findings: findings as unknown as Json },
  };
}

async function referenceGroups(context: TaskContext): Promise<Bundle[]> {
  const names = Object.keys(context.inputs).filter((name) => name.startsWith('reference.'));
  const groups: Bundle[] = [];
  for (const name of names.sort()) groups.push(await readBundle(context, name));
  return groups;
}

/** (n) what the target says of each sample, as memorization asks the bank. */
function targetAnswers({ arrays }: Bundle, measure: MemorizationDecisions['measure']): Float64Array | null {
  if (measure === 'hard') return arrays.correct === undefined ? null : Float64Array.from(arrays.correct.data);
  return arrays.loss === undefined ? null : Float64Array.from(arrays.loss.data, (nats) => Math.exp(-nats));
}

type NameOf = (row: number) => { readonly sampleId: string; readonly dataset: string };

async function namesOf(rows: AuditRows): Promise<NameOf> {
  const ids = (await Promise.all(rows.parts.map(({ dataset }) => dataset.ids()))).flat();
  return (row) => ({
    sampleId: ids[row],
    dataset: rows.parts.find(({ start, count }) => row >= start && row < start + count)!.role,
  });
}

async function influenceOn(
  rows: AuditRows,
  bank: Bank,
  { memorization, measure }: Memorization,
  { influence, threshold }: MemorizationDecisions,
  confidence: number,
  nameOf: NameOf,
  context: TaskContext,
): Promise<DescribedInfluence | null> {
  const population = await openRole(context, 'population');
  if (influence === null || bank.population === null || population === undefined) return null;
  return describeInfluence({
    bank,
    population: bank.population,
    memorization: memorization.map((value, row) => (row < rows.judged ? value : Number.NaN)),
    measure,
    memorized: threshold,
    influential: influence.threshold,
    confidence,
    nameOf,
    testIds: await population.ids(),
  });
}

function columnsOf(bank: Bank, estimate: Memorization, influence: DescribedInfluence | null) {
  const { models, trainedOn, correct, predicted, scaledConfidence } = bank;
  return {
    memorization: estimate.memorization,
    memorizationSe: estimate.standardError,
    consistency: correct === null ? null : consistency({ models, trainedOn, values: correct }),
    agreement: predicted === null ? null : agreement(predicted, models),
    vulnerability: scaledConfidence === null ? null : exposureOf(bank, 'vulnerability', estimate.measure),
    influence: influence === null ? null : influence.strongest,
  };
}

function describeBank(
  { models, trainedOn, correct }: Bank,
  rows: AuditRows,
  chosen: ChosenRecipe | null,
  { from }: MemorizationDecisions,
): MemorizationReport['bank'] {
  const size = trainedOn.reduce((sum, mark) => sum + mark, 0) / models;
  const given = from !== 'trained' || chosen === null;
  const accuracy = (side: 0 | 1) => {
    if (correct === null) return null;
    let right = 0;
    let total = 0;
    trainedOn.forEach((mark, at) => {
      if (mark !== side) return;
      total += 1;
      right += correct[at];
    });
    return total === 0 ? null : right / total;
  };
  return {
    models,
    trainingSize: Math.round(size),
    subsetFraction: size / rows.count,
    recipe: (given ? {} : chosen.recipe) as unknown as MemorizationReport['bank']['recipe'],
    recipeFrom: given ? 'given' : chosen.from,
    accuracyIn: accuracy(1),
    accuracyOut: accuracy(0),
  };
}

function spreadOf({ standardError }: Memorization, { models, trainedOn }: Bank): MemorizationReport['standardError'] {
  const known = standardError.filter((value) => !Number.isNaN(value));
  const share = trainedOn.reduce((sum, mark) => sum + mark, 0) / trainedOn.length;
  return {
    median: median(known),
    largest: known.reduce((most, value) => Math.max(most, value), 0),
    worstCase: 0.5 * Math.sqrt(1 / (models * share) + 1 / (models * (1 - share))),
  };
}

function distributionOf({ memorization }: Memorization, judged: Uint8Array): MemorizationReport['distribution'] {
  const edges = Array.from({ length: bins + 1 }, (_, i) => (2 * i) / bins - 1);
  const shares = (side: 0 | 1) => {
    const counts = new Array<number>(bins).fill(0);
    let total = 0;
    judged.forEach((mark, row) => {
      if (mark !== side || Number.isNaN(memorization[row])) return;
      total += 1;
      counts[Math.min(bins - 1, Math.floor(((memorization[row] + 1) * bins) / 2))] += 1;
    });
    return counts.map((count) => (total === 0 ? 0 : count / total));
  };
  return { edges, members: shares(1), nonMembers: shares(0) };
}

function topMembers(
  estimate: Memorization,
  { qValues }: Certified,
  { models }: Bank,
  { arrays }: Bundle,
  nameOf: NameOf,
  confidence: number,
): MemorizationReport['top'] {
  const { memorization, heldOut } = estimate;
  return [...qValues.keys()]
    .filter((row) => !Number.isNaN(qValues[row]))
    .sort((a, b) => memorization[b] - memorization[a])
    .slice(0, listed)
    .map((row) => ({
      ...nameOf(row),
      label: arrays.label === undefined ? null : arrays.label.data[row],
      memorization: memorizationOf(estimate, row, models, confidence),
      qValue: qValues[row],
      trained: heldOut[row] + memorization[row],
      heldOut: heldOut[row],
    }));
}

function overJudged(values: Float64Array | null, judged: number, confidence: number) {
  if (values === null)
    return notMeasured('ENG_NOT_REQUESTED', 'the classes that reference models predict are not known');
  return meanInterval(
    values.subarray(0, judged).filter((value) => !Number.isNaN(value)),
    confidence,
  );
}
