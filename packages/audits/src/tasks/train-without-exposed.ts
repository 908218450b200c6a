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
 * `whole` on all members left, to see what the removal costs. Both arms train under the same seeds. Leaves `removed`
 * (rows), `trainedOn`, `loss`, `scaledConfidence`, `correct` (models, n).
 */
export async function trainWithoutExposed(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const { network, inspected } = await openArchitecture(context);
  const { exposure } = (await readBundle(context, 'memorization')).arrays;
  const from = param<number>(task, 'from');
  const count = param<number>(task, 'count');
  const members = rowsWhere(rows.membership, 1);
  const exposed = exposedLayer(exposure.data as Float64Array, members, param<number>(task, 'removeFraction'));
  const removed =
    param<RemovalArm>(task, 'arm') === 'exposed'
      ? exposed
      : randomLayer(exposed, members, deriveSeed(task.seed, 'random layer'));
  const taken = new Set(removed);
  const kept = Int32Array.from({ length: rows.count }, (_, row) => row).filter((row) => !taken.has(row));
  const whole = param<boolean>(task, 'whole');
  const masks = Array.from({ length: count }, (_, i) => {
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
    removed: vector(removed),
    trainedOn: stackModels(masks.map(vector)),
    loss: stackModels(seen.map(({ loss }) => vector(loss))),
    scaledConfidence: stackModels(seen.map(({ scaledConfidence }) => vector(scaledConfidence))),
    correct: stackModels(seen.map(({ correct }) => vector(correct))),
  };
  return { bundle: { arrays, meta: { from, count } }, facts: { models: count, removed: removed.length, ...facts } };
}
