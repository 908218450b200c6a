import type { NdArray, Recipe, TaskSpec } from '@engram/domain';
import { trainBank } from '@engram/models';
import { deriveSeed } from '@engram/numeric';
import type { ModelDescriptor } from '../resources.js';
import { type AuditRows, concatenate, openAuditRows, openRole } from './audit-rows.js';
import { param, readDocument, type TaskContext, type TaskResult } from './context.js';
import { openTrainableTarget, shapedInputs } from './open-target.js';
import { referenceMask } from './reference-masks.js';
import { trainReferenceTexts } from './train-reference-texts.js';

/**
 * Trains a group of reference models of the target's architecture and recipe on random halves of the judged samples,
 * and reads their signals on all of them. Leaves `trainedOn`, `loss`, `scaledConfidence`, `correct` (models, n), and
 * `population.loss` (models, nZ).
 */
export async function trainReference(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const { inspected } = await readDocument<ModelDescriptor>(context, 'model');
  return inspected.task === 'causal-lm' ? trainReferenceTexts(task, context) : trainReferenceClassifiers(task, context);
}

async function trainReferenceClassifiers(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const target = await openTrainableTarget(rows, context);
  const recipe = param<Recipe>(task, 'recipe');
  const from = param<number>(task, 'from');
  const count = param<number>(task, 'count');
  const n = rows.count;
  const masks = Array.from({ length: count }, (_, i) => referenceMask(task.seed, from + i, n));
  const everyone = await withPopulation(rows, target, context);
  const result = await trainBank(await context.engine(), {
    network: target.network,
    inputs: target.inputs,
    labels: target.labels,
    recipe,
    models: masks.map((trainedOn, i) => ({ seed: deriveSeed(task.seed, 'model', from + i), trainedOn })),
    evaluate: { inputs: everyone.inputs, labels: everyone.labels, at: 'end' },
    onProgress: (fraction) => context.progress(fraction, `${count} reference models`),
    signal: context.signal,
  });
  const total = everyone.labels.length;
  const trainedOn = new Uint8Array(count * n);
  const loss = new Float64Array(count * n);
  const scaledConfidence = new Float64Array(count * n);
  const correct = new Uint8Array(count * n);
  const populationLoss = new Float64Array(count * (total - n));
  result.models.forEach((model, i) => {
    const seen = model.evaluations[0];
    trainedOn.set(masks[i], i * n);
    loss.set(seen.loss.subarray(0, n), i * n);
    scaledConfidence.set(seen.scaledConfidence.subarray(0, n), i * n);
    correct.set(seen.correct.subarray(0, n), i * n);
    populationLoss.set(seen.loss.subarray(n), i * (total - n));
  });
  const shape = [count, n];
  return {
    bundle: {
      arrays: {
        trainedOn: { data: trainedOn, shape },
        loss: { data: loss, shape },
        scaledConfidence: { data: scaledConfidence, shape },
        correct: { data: correct, shape },
        ...(total > n ? { 'population.loss': { data: populationLoss, shape: [count, total - n] } } : {}),
      },
      meta: { from, count },
    },
    facts: { models: count, ...result.facts },
  };
}

/** The judged samples followed by the population's: one evaluation answers both. */
async function withPopulation(
  rows: AuditRows,
  target: { readonly inputs: NdArray; readonly labels: Int32Array; readonly descriptor: ModelDescriptor },
  context: TaskContext,
): Promise<{ inputs: NdArray; labels: Int32Array }> {
  const population = await openRole(context, 'population');
  if (population === undefined) return { inputs: target.inputs, labels: target.labels };
  const labels = new Int32Array(rows.count + population.inspected.count);
  labels.set(target.labels);
  labels.set(Int32Array.from((await population.numbers('label')).data), rows.count);
  const inputs = concatenate([target.inputs, await shapedInputs(population, target.descriptor)]);
  return { inputs, labels };
}
