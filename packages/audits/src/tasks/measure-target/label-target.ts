import {
  type LabelledSamples,
  type LabelMeasurement,
  type LabelOracle,
  passesPerSample,
  type TargetMeasure,
} from '@engram/attacks';
import { matchDatasetToModel } from '@engram/datasets';
import { EngramError, type NdArray } from '@engram/domain';
import type { ModelDescriptor } from '../../resources.js';
import { type AuditRows, labelsOf, openAuditRows, vector } from '../audit-rows.js';
import { readDocument, type TaskContext } from '../context.js';
import { openTargetPredictor, shapedInputs } from '../open-target.js';
import { classMeaning } from '../output-signals.js';
import { predictedClasses } from '../predicted-classes.js';
import type { Measurement } from './measurement.js';

/** Values of inputs held at once: those of the samples in hand, and those of one question to the model. */
const valuesInHand = 2 ** 22;
const mostSamplesInHand = 512;
const mostRowsPerBatch = 2048;

/** The target as somebody sees it who is shown its labels and nothing else. */
export interface LabelTarget {
  readonly oracle: LabelOracle;
  readonly rows: AuditRows;
  /** Row `index` of the audit as the model takes it, flat. */
  readonly inputOf: (index: number) => Promise<Float32Array>;
  /** Tells how far along the portion in hand is, 0 to 1, where that is not for the labels asked to say. */
  readonly advance: (share: number) => void;
}

/**
 * Takes a measure that asks for labels, of every row of the audit, a portion of the rows at a time. Stops between two
 * questions when the audit is cancelled, and counts every row the model was asked about.
 *
 * @param prepare asked once, before the first portion. @returns what measures a portion.
 */
export async function measureByLabels(
  measure: TargetMeasure,
  context: TaskContext,
  prepare: (target: LabelTarget) => Promise<(samples: LabelledSamples) => Promise<LabelMeasurement>>,
): Promise<Measurement> {
  const rows = await openAuditRows(context);
  const labels = await labelsOf(rows);
  const descriptor = await readDocument<ModelDescriptor>(context, 'model');
  const classifier = await openTargetPredictor(descriptor, context);
  const { rowShape, width } = rowOf(rows, descriptor);
  const values = new Float64Array(rows.count);
  const progress = { done: 0, inHand: 0, share: 0, askedInHand: 0, asked: 0 };
  const advance = (share: number) => {
    progress.share = Math.max(progress.share, Math.min(1, share));
    context.progress(
      (progress.done + progress.share * progress.inHand) / rows.count,
      `${progress.done} of ${rows.count} samples, ${progress.asked} labels asked`,
    );
  };
  const oracle: LabelOracle = {
    rowShape,
    rowsPerBatch: Math.max(1, Math.min(mostRowsPerBatch, Math.floor((2 * valuesInHand) / width))),
    classify: async (asked: NdArray<Float32Array>) => {
      context.signal.throwIfAborted();
      const outputs = await classifier.outputs(asked);
      progress.asked += asked.shape[0];
      progress.askedInHand += asked.shape[0];
      advance(progress.askedInHand / Math.max(1, progress.inHand * passesPerSample(measure)));
      return predictedClasses(outputs, classMeaning(descriptor.inspected.output.meaning));
    },
  };
  const inputOf = async (index: number) => {
    const part = rows.parts.find(({ start, count }) => index >= start && index < start + count);
    if (part === undefined) throw new EngramError('ENG_INTERNAL', `no row ${index} of ${rows.count}`);
    return floats(await shapedInputs(part.dataset, descriptor, index - part.start, index - part.start + 1));
  };
  const size = Math.max(1, Math.min(mostSamplesInHand, Math.floor(valuesInHand / width)));
  try {
    const measureSamples = await prepare({ oracle, rows, inputOf, advance });
    for (const { dataset, start, count } of rows.parts)
      for (let from = 0; from < count; from += size) {
        const to = Math.min(count, from + size);
        Object.assign(progress, { inHand: to - from, share: 0, askedInHand: 0 });
        const first = start + from;
        const inputs = floats(await shapedInputs(dataset, descriptor, from, to));
        const portion = { inputs, labels: labels.subarray(first, start + to), first };
        values.set((await measureSamples(portion)).values, first);
        Object.assign(progress, { done: start + to, inHand: 0 });
      }
    return { values: vector(values), meta: { queries: progress.asked } };
  } finally {
    await classifier.dispose();
  }
}

function rowOf(rows: AuditRows, descriptor: ModelDescriptor) {
  const match = matchDatasetToModel(rows.parts[0].dataset.inspected, descriptor.inspected, '');
  if (match.kind !== 'input') throw new EngramError('ENG_INTERNAL', 'a classifier was given texts');
  const { rowShape } = match;
  return { rowShape, width: rowShape.reduce((product, size) => product * size, 1) };
}

function floats({ data }: NdArray): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data);
}
