import type { ProbabilityOfTruth } from '@engram/attacks';
import { EngramError, type NdArray, type OpenDataset } from '@engram/domain';
import type { Labels } from '@engram/models';
import { type AuditRows, concatenate, everyPartHas, vector } from './audit-rows.js';
import { onOneForm, recordedLossesUnder } from './losses-under.js';
import { type OutputField, recordedSignals, recordedTruth } from './recorded-signals.js';
import { keptSignals, stackModels, stackSignals } from './reference-signals.js';

/** Recorded outputs of reference models, and which share of them is clipped to their precision. */
interface GivenReferences {
  readonly arrays: Record<string, NdArray>;
  readonly clippedShare: number;
}

/**
 * Recorded outputs of reference models on all rows, under `reference.*` with models first: `trainedOn`, `loss`,
 * `scaledConfidence`, and where the outputs of every class were recorded `correct`, `predicted`, `entropy`, `modifiedEntropy`, `margin` and `topProbabilities`, with `lossUnder.<key>` (models, 1, n) for each of `under`;
 * `population.referenceLoss` where the population has them too. Empty when the datasets carry none. `clippedShare` is that of
 * all their outputs about the rows.
 *
 * @throws ENG_DATA_MODEL_MISMATCH the datasets have different numbers of reference models.
 */
export async function givenReferences(
  rows: AuditRows,
  population: OpenDataset | undefined,
  truth: Labels | undefined,
  under: readonly ProbabilityOfTruth[],
): Promise<GivenReferences> {
  if (!everyPartHas(rows, 'referenceMember')) return { arrays: {}, clippedShare: 0 };
  const models = rows.parts[0].dataset.inspected.referenceModels!;
  refuseOtherCounts(rows, models);
  const kept: Record<string, NdArray>[] = [];
  let clippedShare = 0;
  for (let model = 0; model < models; model += 1) {
    const given = await givenReference(rows, model, truth, under);
    kept.push(given.arrays);
    clippedShare += given.clippedShare / models;
  }
  const arrays = stackSignals(kept, 'reference.');
  if (population === undefined || population.inspected.referenceModels !== models) return { arrays, clippedShare };
  const theirs = await recordedTruth(
    (field) => population.has(field),
    (field) => population.numbers(field),
  );
  const losses: NdArray[] = [];
  const others: Record<string, NdArray>[] = [];
  for (let model = 0; model < models; model += 1) {
    losses.push(vector((await signalsOf(population, model, theirs)).loss));
    others.push(await lossesUnderOf(population, model, theirs, under));
  }
  return {
    arrays: {
      ...arrays,
      'population.referenceLoss': stackModels(losses),
      ...stackSignals(others, 'population.reference.'),
    },
    clippedShare,
  };
}

/** One given reference model on all rows. */
async function givenReference(
  rows: AuditRows,
  model: number,
  truth: Labels | undefined,
  under: readonly ProbabilityOfTruth[],
): Promise<GivenReferences> {
  const trainedOn = new Uint8Array(rows.count);
  const parts: Record<string, NdArray>[] = [];
  const underParts: Record<string, NdArray>[] = [];
  let clipped = 0;
  for (const { dataset, start, count } of rows.parts) {
    trainedOn.set((await dataset.numbers('referenceMember', model, model + 1)).data, start);
    const theirs = truth?.subarray(start, start + count);
    const signals = await signalsOf(dataset, model, theirs);
    parts.push(keptSignals(signals, theirs));
    underParts.push(await lossesUnderOf(dataset, model, theirs, under));
    clipped += signals.clippedShare * count;
  }
  const arrays = { trainedOn: vector(trainedOn), ...joinParts(parts), ...onOneForm(joinParts(underParts)) };
  return { arrays, clippedShare: clipped / rows.count };
}

/** What every part has, part after part. */
function joinParts(parts: readonly Record<string, NdArray>[]): Record<string, NdArray> {
  const names = Object.keys(parts[0]).filter((name) => parts.every((part) => part[name] !== undefined));
  return Object.fromEntries(names.map((name) => [name, concatenate(parts.map((part) => part[name]))]));
}

function refuseOtherCounts({ parts }: AuditRows, models: number): void {
  for (const { dataset } of parts)
    if (dataset.inspected.referenceModels !== models)
      throw new EngramError(
        'ENG_DATA_MODEL_MISMATCH',
        `the datasets have ${models} and ${dataset.inspected.referenceModels} reference models`,
      );
}

const referenceFields = {
  logits: 'referenceLogits',
  probabilities: 'referenceProbabilities',
  prediction: 'referencePrediction',
  loss: 'referenceLoss',
  scaledConfidence: 'referenceScaledConfidence',
} as const;

/** Signals of one given reference model. */
function signalsOf(dataset: OpenDataset, model: number, truth: Labels | undefined) {
  return recordedSignals(hasOutputs(dataset), outputsOf(dataset, model), truth);
}

function lossesUnderOf(
  dataset: OpenDataset,
  model: number,
  truth: Labels | undefined,
  under: readonly ProbabilityOfTruth[],
) {
  return recordedLossesUnder(hasOutputs(dataset), outputsOf(dataset, model), truth, under);
}

function hasOutputs(dataset: OpenDataset) {
  return (field: OutputField) => dataset.has(referenceFields[field]);
}

/** Rows of reference fields count models. */
function outputsOf(dataset: OpenDataset, model: number) {
  return async (field: OutputField) => {
    const { data, shape } = await dataset.numbers(referenceFields[field], model, model + 1);
    return { data, shape: shape.slice(1) };
  };
}
