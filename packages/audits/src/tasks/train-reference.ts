import type { Bundle, NdArray, Recipe, TaskSpec } from '@engram/domain';
import { trainBank } from '@engram/models';
import { deriveSeed } from '@engram/numeric';
import { openAuditRows, truthOfRows, vector } from './audit-rows.js';
import { param, type TaskContext, type TaskResult } from './context.js';
import { inputsOf, openArchitecture } from './open-target.js';
import { bankMask } from './reference-masks.js';
import { stackModels } from './reference-signals.js';
import { trainReferenceTexts } from './train-reference-texts.js';

/** Before the saved name of a weight, among the arrays of a group of reference models. */
const weightPrefix = 'weights.';

/** Weights of one model of a group that was trained here, by saved name. */
export function weightsOf(arrays: Bundle['arrays'], model: number): Record<string, NdArray<Float32Array>> {
  const named = Object.entries(arrays).filter(([name]) => name.startsWith(weightPrefix));
  return Object.fromEntries(
    named.map(([name, { data, shape }]) => {
      const size = data.length / shape[0];
      const values = data.subarray(model * size, (model + 1) * size) as Float32Array;
      return [name.slice(weightPrefix.length), { data: values, shape: shape.slice(1) }];
    }),
  );
}

/**
 * Trains a group of reference models of the target's architecture and recipe on random halves of the rows, or on subsets
 * of the size `subsetFraction` says; with `trainedOn: members` on all members, as further draws of the target and no
 * references. Of classifiers it leaves what does not depend on what will be asked of them: `trainedOn` (models, n) and
 * `weights.<name>` (models, …); `collect-reference-signals` asks. Of language models, whose weights are large and of which
 * only one number per text is ever read, it leaves the signals themselves.
 */
export async function trainReference(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  return context.inputs.architecture === undefined
    ? trainReferenceTexts(task, context)
    : trainReferenceClassifiers(task, context);
}

async function trainReferenceClassifiers(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const { network, inspected } = await openArchitecture(context);
  const from = param<number>(task, 'from');
  const count = param<number>(task, 'count');
  const masks = Array.from({ length: count }, (_, i) =>
    task.params.trainedOn === 'members' ? rows.membership : bankMask(task, from + i, rows.count),
  );
  const { models, facts } = await trainBank(await context.engine(), {
    network,
    inputs: await inputsOf(rows, inspected),
    labels: await truthOfRows(rows, inspected.task),
    recipe: param<Recipe>(task, 'recipe'),
    models: masks.map((trainedOn, i) => ({ seed: deriveSeed(task.seed, 'model', from + i), trainedOn })),
    onProgress: (fraction) => context.progress(fraction, `${count} reference models`),
    signal: context.signal,
  });
  const arrays: Record<string, NdArray> = { trainedOn: stackModels(masks.map(vector)) };
  for (const { savedName } of network.weights)
    arrays[weightPrefix + savedName] = stackModels(models.map(({ weights }) => weights[savedName]));
  return { bundle: { arrays, meta: { from, count } }, facts: { models: count, ...facts } };
}
