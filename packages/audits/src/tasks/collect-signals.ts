import type { ProbabilityOfTruth } from '@engram/attacks';
import type { Bundle, NdArray, OpenDataset, TaskSpec } from '@engram/domain';
import type { Labels } from '@engram/models';
import type { ModelDescriptor } from '../resources.js';
import { askModel } from './ask-model.js';
import {
  type AuditRows,
  everyPartHas,
  labelsOf,
  numbersOf,
  openAuditRows,
  openRole,
  truthOf,
  truthOfRows,
  vector,
} from './audit-rows.js';
import { param, readDocument, type TaskContext, type TaskResult } from './context.js';
import { givenReferences } from './given-references.js';
import { askForLabels, correctLabels, recordsLabelsAlone } from './label-answers.js';
import { askedLossesUnder, onOneForm, prefixed, recordedLossesUnder } from './losses-under.js';
import { openTargetPredictor } from './open-target.js';
import { type FewSignals, isWhole, type OutputSignals, scoredMeaning } from './output-signals.js';
import { recordedSignals, recordedTruth } from './recorded-signals.js';

/**
 * Reads what attacks need of the target on every row, and on the population: by running the model, or from recorded
 * outputs. Leaves `membership`, `label`, `loss`, `scaledConfidence`, `logProbabilities`, `correct` as far as they exist,
 * `queryConfidence` (forms, n) where more forms than the samples themselves are asked about, `lossUnder.<key>` (forms, n)
 * for other probabilities of the truth where they are asked for, of the population as `population.lossUnder.<key>`, `population.loss`, and the
 * signals of given reference models under `reference.*`; `clippedShare`, and `referenceClippedShare` of those references, count samples whose output says no more than
 * that they are certain. Of a regression only losses, squared errors, and scaled confidences exist: `squaredError` in the
 * meta says so. Of a target that tells labels alone there are `label` and `correct`, and nothing is asked of a population.
 */
export async function collectSignals(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const population = await openRole(context, 'population');
  const arrays: Record<string, NdArray> = { membership: vector(rows.membership) };
  const {
    clippedShare,
    referenceClippedShare = 0,
    squaredError,
  } = context.inputs.model === undefined
    ? await fromRecordedOutputs(rows, population, askedLossesUnder(task), arrays)
    : await fromModel(rows, population, task, arrays, context);
  const bundle: Bundle = { arrays, meta: { clippedShare, referenceClippedShare, squaredError, count: rows.count } };
  return { bundle, facts: { samples: rows.count } };
}

interface Collected {
  readonly clippedShare: number;
  /** The same of recorded outputs of reference models; absent without any. */
  readonly referenceClippedShare?: number;
  /** Whether the losses are the squared errors of a regression. */
  readonly squaredError: boolean;
}

const labelsAlone: Collected = { clippedShare: 0, squaredError: false };

async function fromModel(
  rows: AuditRows,
  population: OpenDataset | undefined,
  task: TaskSpec,
  arrays: Record<string, NdArray>,
  context: TaskContext,
): Promise<Collected> {
  const descriptor = await readDocument<ModelDescriptor>(context, 'model');
  const { inspected } = descriptor;
  const [forms, under] = [param<number>(task, 'queries'), askedLossesUnder(task)];
  const open = await openTargetPredictor(descriptor, context);
  const { meaning } = inspected.output;
  const asked = meaning === 'labels' ? undefined : population;
  const total = rows.count + (asked?.inspected.count ?? 0);
  let done = 0;
  const onRows = (count: number) => {
    context.signal.throwIfAborted();
    done += count;
    context.progress(done / total, `${done} of ${total} samples`);
  };
  try {
    const datasets = rows.parts.map(({ dataset }) => dataset);
    if (meaning === 'labels') {
      const labels = await labelsOf(rows);
      Object.assign(arrays, {
        label: vector(labels),
        correct: vector(await askForLabels(open, descriptor, datasets, labels, onRows)),
      });
      return labelsAlone;
    }
    const model = { inspected, meaning: scoredMeaning(meaning), outputs: open.outputs };
    const truth = await truthOfRows(rows, inspected.task);
    const { signals, queryConfidence, lossesUnder } = await askModel(model, datasets, truth, forms, under, onRows);
    keep(signals, truth, arrays);
    Object.assign(arrays, lossesUnder);
    if (queryConfidence !== null) arrays.queryConfidence = queryConfidence;
    if (asked !== undefined) {
      const theirs = await truthOf(asked, inspected.task);
      const answers = await askModel(model, [asked], theirs, 1, under, onRows);
      arrays['population.loss'] = vector(answers.signals.loss);
      Object.assign(arrays, prefixed(answers.lossesUnder, 'population.'));
    }
    return { clippedShare: signals.clippedShare, squaredError: truth instanceof Float64Array };
  } finally {
    await open.dispose();
  }
}

async function fromRecordedOutputs(
  rows: AuditRows,
  population: OpenDataset | undefined,
  under: readonly ProbabilityOfTruth[],
  arrays: Record<string, NdArray>,
): Promise<Collected> {
  const truth = await recordedTruth(
    (field) => everyPartHas(rows, field),
    (field) => numbersOf(rows, field),
  );
  const said = everyPartHas(rows, 'predictedLabel') ? (await numbersOf(rows, 'predictedLabel')).data : null;
  if (said !== null && truth instanceof Int32Array) arrays.correct = vector(correctLabels(said, truth));
  if (recordsLabelsAlone((field) => everyPartHas(rows, field))) {
    if (truth instanceof Int32Array) arrays.label = vector(truth);
    Object.assign(arrays, (await givenReferences(rows, undefined, truth, [])).arrays);
    return labelsAlone;
  }
  const recorded = await recordedSignals(
    (field) => everyPartHas(rows, field),
    (field) => numbersOf(rows, field),
    truth,
  );
  keep(recorded, truth, arrays);
  const losses = await recordedLossesUnder(
    (field) => everyPartHas(rows, field),
    (field) => numbersOf(rows, field),
    truth,
    under,
  );
  Object.assign(arrays, onOneForm(losses));
  const references = await givenReferences(rows, population, truth, under);
  Object.assign(arrays, references.arrays);
  if (population !== undefined && !recordsLabelsAlone((field) => population.has(field))) {
    const theirs = await recordedTruth(
      (field) => population.has(field),
      (field) => population.numbers(field),
    );
    const signals = await recordedSignals(
      (field) => population.has(field),
      (field) => population.numbers(field),
      theirs,
    );
    arrays['population.loss'] = vector(signals.loss);
    const outside = await recordedLossesUnder(
      (field) => population.has(field),
      (field) => population.numbers(field),
      theirs,
      under,
    );
    Object.assign(arrays, prefixed(outside, 'population.'));
  }
  return {
    clippedShare: recorded.clippedShare,
    referenceClippedShare: references.clippedShare,
    squaredError: truth instanceof Float64Array,
  };
}

function keep(signals: OutputSignals | FewSignals, truth: Labels | undefined, arrays: Record<string, NdArray>): void {
  if (truth instanceof Int32Array) arrays.label = vector(truth);
  arrays.loss = vector(signals.loss);
  arrays.scaledConfidence = vector(signals.scaledConfidence);
  if (!isWhole(signals)) return;
  arrays.logProbabilities = signals.logProbabilities;
  arrays.correct = vector(signals.correct);
}
