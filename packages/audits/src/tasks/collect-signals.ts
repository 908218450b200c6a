import { type Bundle, EngramError, type NdArray, type OpenDataset, type TaskSpec } from '@engram/domain';
import type { ModelDescriptor } from '../resources.js';
import {
  type AuditRows,
  concatenate,
  everyPartHas,
  labelsOf,
  numbersOf,
  openAuditRows,
  openRole,
  vector,
} from './audit-rows.js';
import { readDocument, type TaskContext, type TaskResult } from './context.js';
import { openTargetClassifier, shapedInputs } from './open-target.js';
import { type OutputSignals, outputSignals } from './output-signals.js';

/** Rows sent through a model at once: bounds memory, and lets a cancel through. */
const rowsPerBatch = 2048;

/**
 * Reads what attacks need of the target on every judged sample, and on the population: by running the model, or from
 * recorded outputs. Leaves `membership`, `label`, `loss`, `scaledConfidence`, `logProbabilities`, `correct` as far as
 * they exist, `population.loss`, and the signals of given reference models under `reference.*`; `clippedShare` counts samples whose
 * output says no more than that they are certain.
 */
export async function collectSignals(_task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const population = await openRole(context, 'population');
  const arrays: Record<string, NdArray> = { membership: vector(rows.membership) };
  const clipped =
    context.inputs.model === undefined
      ? await fromRecordedOutputs(rows, population, arrays)
      : await fromModel(rows, population, arrays, context);
  const bundle: Bundle = { arrays, meta: { clippedShare: clipped, count: rows.count } };
  return { bundle, facts: { samples: rows.count } };
}

async function fromModel(
  rows: AuditRows,
  population: OpenDataset | undefined,
  arrays: Record<string, NdArray>,
  context: TaskContext,
): Promise<number> {
  const descriptor = await readDocument<ModelDescriptor>(context, 'model');
  const classifier = await openTargetClassifier(descriptor, context);
  const total = rows.count + (population?.inspected.count ?? 0);
  let done = 0;
  try {
    const outputsOf = async (dataset: OpenDataset): Promise<NdArray> => {
      const parts: NdArray[] = [];
      const { count } = dataset.inspected;
      for (let start = 0; start < count; start += rowsPerBatch) {
        context.signal.throwIfAborted();
        const end = Math.min(count, start + rowsPerBatch);
        parts.push(await classifier.outputs(await shapedInputs(dataset, descriptor, start, end)));
        done += end - start;
        context.progress(done / total, `${done} of ${total} samples`);
      }
      return concatenate(parts);
    };
    const outputs: NdArray[] = [];
    for (const part of rows.parts) outputs.push(await outputsOf(part.dataset));
    const labels = await labelsOf(rows);
    const { meaning } = descriptor.inspected.output;
    const signals = outputSignals(concatenate(outputs), meaning, labels);
    keep(signals, labels, arrays);
    if (population !== undefined) {
      const theirs = Int32Array.from((await population.numbers('label')).data);
      arrays['population.loss'] = vector(outputSignals(await outputsOf(population), meaning, theirs).loss);
    }
    return signals.clippedShare;
  } finally {
    await classifier.dispose();
  }
}

async function fromRecordedOutputs(
  rows: AuditRows,
  population: OpenDataset | undefined,
  arrays: Record<string, NdArray>,
): Promise<number> {
  const labels = everyPartHas(rows, 'label') ? await labelsOf(rows) : undefined;
  if (labels !== undefined) arrays.label = vector(labels);
  const recorded = await recordedSignals(
    (field) => everyPartHas(rows, field),
    (field) => numbersOf(rows, field),
    labels,
  );
  if (isWhole(recorded)) keep(recorded, labels!, arrays);
  else {
    arrays.loss = vector(recorded.loss);
    arrays.scaledConfidence = vector(recorded.scaledConfidence);
  }
  await givenReferences(rows, population, labels, arrays);
  if (population !== undefined) {
    const theirs = population.has('label') ? Int32Array.from((await population.numbers('label')).data) : undefined;
    const signals = await recordedSignals(
      (field) => population.has(field),
      (field) => population.numbers(field),
      theirs,
    );
    arrays['population.loss'] = vector(signals.loss);
  }
  return recorded.clippedShare;
}

/** All that a loss or a scaled confidence alone can tell. */
type FewSignals = Pick<OutputSignals, 'loss' | 'scaledConfidence' | 'clippedShare'>;

function isWhole(signals: OutputSignals | FewSignals): signals is OutputSignals {
  return 'logProbabilities' in signals;
}

/** Losses below this cannot be told from 0 in the precision they come in. */
const smallestLoss = 1e-12;

type OutputField = 'logits' | 'probabilities' | 'loss' | 'scaledConfidence';

/** The richest signals the recorded fields allow: loss and scaled confidence follow from each other for one class. */
async function recordedSignals(
  has: (field: OutputField) => boolean,
  read: (field: OutputField) => Promise<NdArray>,
  labels: Int32Array | undefined,
): Promise<OutputSignals | FewSignals> {
  if (labels !== undefined && has('logits')) return outputSignals(await read('logits'), 'logits', labels);
  if (labels !== undefined && has('probabilities'))
    return outputSignals(await read('probabilities'), 'probabilities', labels);
  if (has('scaledConfidence')) {
    const scaledConfidence = Float64Array.from((await read('scaledConfidence')).data);
    return {
      scaledConfidence,
      loss: has('loss') ? Float64Array.from((await read('loss')).data) : lossOf(scaledConfidence),
      clippedShare: 0,
    };
  }
  const loss = Float64Array.from((await read('loss')).data);
  const clipped = loss.reduce((count, nats) => count + Number(nats < smallestLoss), 0);
  return { loss, scaledConfidence: scaledConfidenceOf(loss), clippedShare: clipped / Math.max(1, loss.length) };
}

/** log(1 + e^-phi): the loss of a sample whose scaled confidence is phi. */
function lossOf(scaledConfidence: Float64Array): Float64Array {
  return scaledConfidence.map((phi) => (phi > 0 ? Math.log1p(Math.exp(-phi)) : Math.log1p(Math.exp(phi)) - phi));
}

/**
 * -log(e^l - 1): the scaled confidence of a sample whose loss is l. Of a text, whose loss is the mean over its tokens, it
 * is that of its geometric mean probability per token.
 */
function scaledConfidenceOf(loss: Float64Array): Float64Array {
  return loss.map((nats) => {
    const l = Math.max(nats, smallestLoss);
    return -(l > 30 ? l : Math.log(Math.expm1(l)));
  });
}

async function givenReferences(
  rows: AuditRows,
  population: OpenDataset | undefined,
  labels: Int32Array | undefined,
  arrays: Record<string, NdArray>,
): Promise<void> {
  if (!everyPartHas(rows, 'referenceMember')) return;
  const models = rows.parts[0].dataset.inspected.referenceModels!;
  const trainedOn = new Uint8Array(models * rows.count);
  const loss = new Float64Array(models * rows.count);
  const scaledConfidence = new Float64Array(models * rows.count);
  const correct = new Uint8Array(models * rows.count);
  let whole = true;
  for (const part of rows.parts) {
    const member = await part.dataset.numbers('referenceMember');
    if (part.dataset.inspected.referenceModels !== models)
      throw new EngramError(
        'ENG_DATA_MODEL_MISMATCH',
        `the datasets have ${models} and ${part.dataset.inspected.referenceModels} reference models`,
      );
    for (let model = 0; model < models; model += 1) {
      const theirs = labels?.subarray(part.start, part.start + part.count);
      const signals = await referenceSignals(part.dataset, model, theirs);
      const at = model * rows.count + part.start;
      loss.set(signals.loss, at);
      scaledConfidence.set(signals.scaledConfidence, at);
      if (isWhole(signals)) correct.set(signals.correct, at);
      else whole = false;
      for (let i = 0; i < part.count; i += 1) trainedOn[at + i] = member.data[model * part.count + i];
    }
  }
  arrays['reference.trainedOn'] = { data: trainedOn, shape: [models, rows.count] };
  arrays['reference.loss'] = { data: loss, shape: [models, rows.count] };
  arrays['reference.scaledConfidence'] = { data: scaledConfidence, shape: [models, rows.count] };
  if (whole) arrays['reference.correct'] = { data: correct, shape: [models, rows.count] };
  if (population === undefined || population.inspected.referenceModels !== models) return;
  const size = population.inspected.count;
  const theirs = population.has('label') ? Int32Array.from((await population.numbers('label')).data) : undefined;
  const populationLoss = new Float64Array(models * size);
  for (let model = 0; model < models; model += 1)
    populationLoss.set((await referenceSignals(population, model, theirs)).loss, model * size);
  arrays['population.referenceLoss'] = { data: populationLoss, shape: [models, size] };
}

const referenceFields = {
  logits: 'referenceLogits',
  probabilities: 'referenceProbabilities',
  loss: 'referenceLoss',
  scaledConfidence: 'referenceScaledConfidence',
} as const;

/** Signals of one given reference model: rows of reference fields count models. */
function referenceSignals(dataset: OpenDataset, model: number, labels: Int32Array | undefined) {
  return recordedSignals(
    (field) => dataset.has(referenceFields[field]),
    async (field) => {
      const { data, shape } = await dataset.numbers(referenceFields[field], model, model + 1);
      return { data, shape: shape.slice(1) };
    },
    labels,
  );
}

function keep(signals: OutputSignals, labels: Int32Array, arrays: Record<string, NdArray>): void {
  arrays.label = vector(labels);
  arrays.loss = vector(signals.loss);
  arrays.scaledConfidence = vector(signals.scaledConfidence);
  arrays.logProbabilities = signals.logProbabilities;
  arrays.correct = vector(signals.correct);
}
