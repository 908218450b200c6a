import { occurringClasses, randomizeLabels } from '@engram/attacks';
import type { Recipe, TaskSpec } from '@engram/domain';
import { trainBank } from '@engram/models';
import { deriveSeed } from '@engram/numeric';
import { vector } from '../audit-rows.js';
import { param, type TaskContext, type TaskResult } from '../context.js';
import type { LabelledSamples } from './labelled-samples.js';

/**
 * Models taught labels of which a share is random, `seeds` for each share; those of one seed start from the same weights
 * whatever the share. Leaves, models share by share: `right` (models, epochs) members whose label as taught is predicted,
 * and after the last epoch `random`, `randomRight` (models) labels drawn at random and those predicted, `heldOutRight`
 * (models) non-members predicted right.
 */
export async function trainRandomLabels(
  task: TaskSpec,
  context: TaskContext,
  { network, inputs, labels, everyone }: LabelledSamples,
): Promise<TaskResult> {
  const corruption = param<readonly number[]>(task, 'corruption');
  const seeds = param<number>(task, 'seeds');
  const epochs = param<number>(task, 'epochs');
  const members = labels.length;
  const taught = corruption.flatMap((share) =>
    Array.from({ length: seeds }, (_, seed) => ({
      seed: deriveSeed(task.seed, 'model', seed),
      ...randomizeLabels(labels, share, deriveSeed(task.seed, 'labels', share, seed)),
    })),
  );
  const { models, facts } = await trainBank(await context.engine(), {
    network,
    inputs,
    labels,
    recipe: { ...param<Recipe>(task, 'recipe'), epochs },
    models: taught.map((model) => ({
      seed: model.seed,
      trainedOn: new Uint8Array(members).fill(1),
      labels: model.labels,
    })),
    evaluate: { ...everyone, at: 'epochs' },
    onProgress: (fraction) => context.progress(fraction, `${taught.length} models taught random labels`),
    signal: context.signal,
  });
  const right = new Int32Array(models.length * epochs);
  const [random, randomRight, heldOutRight] = Array.from({ length: 3 }, () => new Int32Array(models.length));
  models.forEach(({ evaluations }, model) => {
    const { labels: own, changed } = taught[model];
    evaluations.forEach(({ predicted }, epoch) => {
      for (let i = 0; i < members; i += 1) if (predicted[i] === own[i]) right[model * epochs + epoch] += 1;
    });
    const last = evaluations[epochs - 1];
    for (let i = 0; i < members; i += 1) {
      if (changed[i] === 0) continue;
      random[model] += 1;
      if (last.predicted[i] === own[i]) randomRight[model] += 1;
    }
    for (const correct of last.correct.subarray(members)) heldOutRight[model] += correct;
  });
  return {
    bundle: {
      arrays: {
        right: { data: right, shape: [models.length, epochs] },
        random: vector(random),
        randomRight: vector(randomRight),
        heldOutRight: vector(heldOutRight),
      },
      meta: {
        corruption,
        seeds,
        members,
        nonMembers: everyone.labels.length - members,
        classes: occurringClasses(labels).length,
      },
    },
    facts: { models: models.length, ...facts },
  };
}
