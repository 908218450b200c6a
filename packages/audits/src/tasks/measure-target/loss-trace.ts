import type { TargetMeasure } from '@engram/attacks';
import { EngramError, type NdArray, type TaskSpec } from '@engram/domain';
import { openNetwork, readCheckpoint, readLayersModel } from '@engram/models';
import type { ModelDescriptor } from '../../resources.js';
import { type AuditRows, numbersOf, openAuditRows, truthOfRows } from '../audit-rows.js';
import { readDocument, type TaskContext } from '../context.js';
import { modelSource, shapedInputs } from '../open-target.js';
import { signalsOfOutputs } from '../output-signals.js';
import type { Measurement } from './measurement.js';

/** Rows sent through a model at once: bounds memory, and lets a cancel through. */
const rowsPerBatch = 2048;

/** The loss of every row at each recorded moment of the target's training, in order: from checkpoints, or as recorded. */
export async function measureLossTrace(
  _measure: TargetMeasure,
  _task: TaskSpec,
  context: TaskContext,
): Promise<Measurement> {
  const rows = await openAuditRows(context);
  const descriptor = context.inputs.model === undefined ? null : await readDocument<ModelDescriptor>(context, 'model');
  const checkpoints = descriptor === null ? [] : checkpointsOf(descriptor);
  const values =
    descriptor === null || checkpoints.length === 0
      ? momentsFirst(await numbersOf(rows, 'lossTrace'))
      : await atCheckpoints(rows, descriptor, checkpoints, context);
  return { values, meta: { moments: values.shape[0], from: checkpoints.length > 0 ? 'checkpoints' : 'lossTrace' } };
}

interface Checkpoint {
  readonly step: number;
  readonly file: string;
}

function checkpointsOf({ manifest }: ModelDescriptor): readonly Checkpoint[] {
  const training = manifest.training as { readonly checkpoints?: readonly Checkpoint[] } | undefined;
  return training?.checkpoints ?? [];
}

async function atCheckpoints(
  rows: AuditRows,
  descriptor: ModelDescriptor,
  checkpoints: readonly Checkpoint[],
  context: TaskContext,
): Promise<NdArray<Float64Array>> {
  const source = modelSource(descriptor, context);
  const { network, weightsManifest } = await readLayersModel(source, descriptor.inspected.task);
  const open = openNetwork(await context.engine(), network);
  const truth = await truthOfRows(rows, network.task);
  const meaning = network.task === 'regression' ? 'prediction' : 'logits';
  const data = new Float64Array(checkpoints.length * rows.count);
  try {
    for (const [moment, { file }] of checkpoints.entries()) {
      open.load(await readCheckpoint(source, file, weightsManifest, network));
      for (const { dataset, start, count } of rows.parts)
        for (let from = 0; from < count; from += rowsPerBatch) {
          context.signal.throwIfAborted();
          const to = Math.min(count, from + rowsPerBatch);
          const outputs = await open.outputs(await shapedInputs(dataset, descriptor, from, to));
          const { loss } = signalsOfOutputs(outputs, meaning, truth.subarray(start + from, start + to));
          data.set(loss, moment * rows.count + start + from);
        }
      context.progress((moment + 1) / checkpoints.length, `${moment + 1} of ${checkpoints.length} checkpoints`);
    }
  } finally {
    open.dispose();
  }
  return { data, shape: [checkpoints.length, rows.count] };
}

/** (samples, moments) as recorded, turned into (moments, samples). */
function momentsFirst({ data, shape }: NdArray): NdArray<Float64Array> {
  const [n, moments] = shape;
  if (shape.length !== 2)
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected loss traces (samples, moments), got (${shape.join(', ')})`);
  const turned = new Float64Array(n * moments);
  for (let i = 0; i < n; i += 1) for (let t = 0; t < moments; t += 1) turned[t * n + i] = data[i * moments + t];
  return { data: turned, shape: [moments, n] };
}
