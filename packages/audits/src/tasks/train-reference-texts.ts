import type { NdArray, Recipe, TaskSpec } from '@engram/domain';
import { readLlamaDirectory, trainLanguageModels } from '@engram/models';
import { deriveSeed } from '@engram/numeric';
import type { ModelDescriptor } from '../resources.js';
import { openAuditRows, openRole } from './audit-rows.js';
import { param, readDocument, type TaskContext, type TaskResult } from './context.js';
import { withMedianForMissing } from './missing-losses.js';
import { modelSource } from './open-target.js';
import { referenceMask } from './reference-masks.js';

/**
 * Reference language models: the target's architecture trained from scratch, by its recipe, on random halves of the
 * judged texts. Their signal is the mean loss per token, and its negative as confidence.
 */
export async function trainReferenceTexts(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const population = await openRole(context, 'population');
  const descriptor = await readDocument<ModelDescriptor>(context, 'model');
  const texts = (await Promise.all(rows.parts.map((part) => part.dataset.texts('text')))).flat();
  const others = population === undefined ? [] : await population.texts('text');
  const from = param<number>(task, 'from');
  const count = param<number>(task, 'count');
  const n = rows.count;
  const masks = Array.from({ length: count }, (_, i) => referenceMask(task.seed, from + i, n));
  const { config, tokenizer } = await readLlamaDirectory(modelSource(descriptor, context));
  const sequences = [...texts, ...others].map((text) => tokenizer.encode(text).subarray(0, config.contextLength));
  // A text of one token says nothing about a model: it is neither trained on nor scored, and gets the median.
  const scorable = [...sequences.keys()].filter((row) => sequences[row].length >= 2);
  const result = await trainLanguageModels(await context.engine(), {
    config,
    sequences: scorable.map((row) => sequences[row]),
    recipe: param<Recipe>(task, 'recipe'),
    models: masks.map((mask, i) => ({
      seed: deriveSeed(task.seed, 'model', from + i),
      // The population is scored but never trained on.
      trainedOn: Uint8Array.from(scorable, (row) => (row < n ? mask[row] : 0)),
    })),
    evaluate: { sequences: scorable.map((row) => sequences[row]), at: 'end' },
    onProgress: (fraction) => context.progress(fraction, `reference model ${from + 1}`),
    signal: context.signal,
  });
  const trainedOn = new Uint8Array(count * n);
  const loss = new Float64Array(count * n);
  const populationLoss = new Float64Array(count * others.length);
  result.models.forEach((model, i) => {
    trainedOn.set(masks[i], i * n);
    const perToken = new Float64Array(sequences.length).fill(Number.NaN);
    scorable.forEach((row, at) => {
      perToken[row] = model.evaluations[0].loss[at] / (sequences[row].length - 1);
    });
    loss.set(withMedianForMissing(perToken.subarray(0, n)), i * n);
    populationLoss.set(withMedianForMissing(perToken.subarray(n)), i * others.length);
  });
  const shape = [count, n];
  const arrays: Record<string, NdArray> = {
    trainedOn: { data: trainedOn, shape },
    loss: { data: loss, shape },
    scaledConfidence: { data: loss.map((nats) => -nats), shape },
  };
  if (others.length > 0) arrays['population.loss'] = { data: populationLoss, shape: [count, others.length] };
  return { bundle: { arrays, meta: { from, count } }, facts: { models: count, ...result.facts } };
}
