import { exposedLayer, randomLayer } from '@engram/attacks';
import type { NdArray, Recipe, TaskSpec } from '@engram/domain';
import { trainBank } from '@engram/models';
import { deriveSeed } from '@engram/numeric';
import { labelsOf, openAuditRows, rowsWhere, vector } from './audit-rows.js';
import { param, readBundle, type TaskContext, type TaskResult } from './context.js';
import { inputsOf, openArchitecture } from './open-target.js';
import { bankMask } from './reference-masks.js';
import { stackModels } from './reference-signals.js';

/** Which members are taken away: the most exposed, or as many others at random. */
export type RemovalArm = 'exposed' | 'random';

/**
 * Trains models without some of the members: on random subsets of what is left, to measure exposure anew, or with
 * `whole` on all members left, to see what the removal costs. Both arms train under the same seeds. Of the models on subsets
 * all miss the same random members, so that exposure of the others can be measured; those on all members left miss others
 * each, so that no one random choice decides what a removal costs. Leaves `removed` (rows, of the first model), and
 * `trainedOn`, `loss`, `scaledConfidence`, `correct` (models, n).
 */
export async function trainWithoutExposed(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const { network, inspected } = await openArchitecture(context);
  const { exposure } = (await readBundle(context, 'memorization')).arrays;
  const from = param<number>(task, 'from');
  const count = param<number>(task, 'count');
  const members = rowsWhere(rows.membership, 1);
  const exposed = exposedLayer(exposure.data as Float64Array, members, param<number>(task, 'removeFraction'));
  const whole = param<boolean>(task, 'whole');
  const arm = param<RemovalArm>(task, 'arm');
  const removed = Array.from({ length: count }, (_, i) =>
    arm === 'exposed'
      ? exposed
      : randomLayer(exposed, members, deriveSeed(task.seed, 'random layer', ...(whole ? [from + i] : []))),
  );
  const masks = removed.map((layer, i) => {
    const taken = new Set(layer);
    const kept = Int32Array.from({ length: rows.count }, (_, row) => row).filter((row) => !taken.has(row));
    const mask = new Uint8Array(rows.count);
    if (whole) for (const row of kept) mask[row] = rows.membership[row];
    else {
      const marks = bankMask(task, from + i, kept.length);
      kept.forEach((row, place) => {
        mask[row] = marks[place];
      });
    }
    return mask;
  });
  const inputs = await inputsOf(rows, inspected);
  const labels = await labelsOf(rows);
  const { models, facts } = await trainBank(await context.engine(), {
    network,
    inputs,
    labels,
    recipe: param<Recipe>(task, 'recipe'),
    models: masks.map((trainedOn, i) => ({
      seed: deriveSeed(task.seed, whole ? 'whole' : 'subset', from + i),
      trainedOn,
    })),
    evaluate: { inputs, labels, at: 'end' },
    onProgress: (fraction) => context.progress(fraction, `${count} models`),
    signal: context.signal,
  });
  const seen = models.map(({ evaluations }) => evaluations[0]);
  const arrays: Record<string, NdArray> = {
    removed: vector(removed[0]),
    trainedOn: stackModels(masks.map(vector)),
    loss: stackModels(seen.map(({ loss }) => vector(loss))),
    scaledConfidence: stackModels(seen.map(({ scaledConfidence }) => vector(scaledConfidence))),
    correct: stackModels(seen.map(({ correct }) => vector(correct))),
  };
  return { bundle: { arrays, meta: { from, count } }, facts: { models: count, removed: exposed.length, ...facts } };
}
