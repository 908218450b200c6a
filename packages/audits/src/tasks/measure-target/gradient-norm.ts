import { lastLayerNorms, type NormOrder, type TargetMeasure } from '@engram/attacks';
import type { TaskSpec } from '@engram/domain';
import { recipeOf, recipe as recipeSchema, trainBank } from '@engram/models';
import { openAuditRows, truthOfRows, vector } from '../audit-rows.js';
import type { TaskContext } from '../context.js';
import { openWeightedTarget } from '../open-target.js';
import { readLastLayer } from './last-layer-target.js';
import { lastLayerNormsOfGroup } from './last-layers-of-group.js';
import type { Measurement } from './measurement.js';

/** Norms of the loss's gradient by the last layer's weights, in closed form; of a group of models (models, n). */
export async function measureLastLayerGradientNorm(
  measure: TargetMeasure,
  _task: TaskSpec,
  context: TaskContext,
): Promise<Measurement> {
  const order = measure.params.order as NormOrder;
  if (context.inputs.weights !== undefined) return { values: await lastLayerNormsOfGroup(order, context), meta: {} };
  const layer = await readLastLayer(await openAuditRows(context), context, 1);
  const norms = lastLayerNorms(layer, order);
  return { values: vector(norms), meta: {} };
}

/** Euclidean norms of the loss's gradient by all trainable weights: the weights are looked at, and no step is taken. */
export async function measureGradientNorm(
  _measure: TargetMeasure,
  task: TaskSpec,
  context: TaskContext,
): Promise<Measurement> {
  const rows = await openAuditRows(context);
  const target = await openWeightedTarget(rows, context);
  const { task: trainedFor } = target.network;
  const { models } = await trainBank(await context.engine(), {
    network: target.network,
    inputs: target.inputs,
    labels: await truthOfRows(rows, trainedFor),
    recipe: recipeOf(recipeSchema.parse({}), trainedFor),
    models: [{ seed: task.seed, trainedOn: new Uint8Array(rows.count).fill(1), initialWeights: target.weights }],
    record: { at: [0] },
    steps: 0,
    onProgress: (fraction) => context.progress(fraction),
    signal: context.signal,
  });
  return { values: vector(models[0].records[0].gradientNorm), meta: {} };
}
