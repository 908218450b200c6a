import { lastLayerNorms, type NormOrder, type TargetMeasure } from '@engram/attacks';
import type { Recipe, TaskSpec } from '@engram/domain';
import { recipe as recipeSchema, trainBank } from '@engram/models';
import { openAuditRows, vector } from '../audit-rows.js';
import type { TaskContext } from '../context.js';
import { openTrainableTarget } from '../open-target.js';
import { readLastLayer } from './last-layer-target.js';
import type { Measurement } from './measurement.js';

/** Norms of the loss's gradient by the last layer's weights, in closed form. */
export async function measureLastLayerGradientNorm(
  measure: TargetMeasure,
  _task: TaskSpec,
  context: TaskContext,
): Promise<Measurement> {
  const layer = await readLastLayer(await openAuditRows(context), context, 1);
  const norms = lastLayerNorms(layer, measure.params.order as NormOrder);
  return { values: vector(norms), meta: {} };
}

/** Euclidean norms of the loss's gradient by all trainable weights: the weights are looked at, and no step is taken. */
export async function measureGradientNorm(
  _measure: TargetMeasure,
  task: TaskSpec,
  context: TaskContext,
): Promise<Measurement> {
  const target = await openTrainableTarget(await openAuditRows(context), context);
  const { models } = await trainBank(await context.engine(), {
    network: target.network,
    inputs: target.inputs,
    labels: target.labels,
    recipe: recipeSchema.parse({}) as Recipe,
    models: [
      { seed: task.seed, trainedOn: new Uint8Array(target.labels.length).fill(1), initialWeights: target.weights },
    ],
    record: { at: [0] },
    steps: 0,
    onProgress: (fraction) => context.progress(fraction),
    signal: context.signal,
  });
  return { values: vector(models[0].records[0].gradientNorm), meta: {} };
}
