import { logSpacedSteps, momentWeights } from '@engram/attacks';
import { EngramError, type NdArray, type Recipe, type TaskSpec } from '@engram/domain';
import { type BankRecord, learningRateAt, readCheckpoint, trainBank } from '@engram/models';
import type { ModelDescriptor } from '../resources.js';
import { openAuditRows, rowsWhere, takeRows, vector } from './audit-rows.js';
import { param, readDocument, type TaskContext, type TaskResult } from './context.js';
import { modelSource, openTrainableTarget } from './open-target.js';

/**
 * What each member did to the weights along training: gradient norms, losses, EL2N and correctness at some ten moments,
 * spaced so that early training is seen closely. From the checkpoints the model came with, or, without any, from a run
 * of the same recipe with another seed. Leaves arrays (moments, members) and, per moment, `step` and `represents` (how
 * many steps it stands for); `final.*` are the same quantities at the target's own weights.
 */
export async function trainRecorded(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const target = await openTrainableTarget(rows, context);
  const recipe = param<Recipe>(task, 'recipe');
  const members = rowsWhere(rows.membership, 1);
  const inputs = takeRows(target.inputs, members);
  const labels = Int32Array.from(members, (row) => target.labels[row]);
  const everyone = new Uint8Array(members.length).fill(1);
  const steps = recipe.epochs * Math.ceil(members.length / recipe.batchSize);
  const engine = await context.engine();
  const shared = { network: target.network, inputs, labels, recipe, signal: context.signal };

  const recordAt = async (weights: readonly (typeof target.weights)[], onProgress: (fraction: number) => void) => {
    const { models } = await trainBank(engine, {
      ...shared,
      models: weights.map((initialWeights) => ({ seed: task.seed, trainedOn: everyone, initialWeights })),
      record: { at: [0] },
      steps: 0,
      onProgress,
    });
    return models.map((model) => model.records[0]);
  };

  let records: BankRecord[];
  if (param<string>(task, 'source') === 'recordedTraining') {
    const descriptor = await readDocument<ModelDescriptor>(context, 'model');
    const checkpoints = checkpointsOf(descriptor);
    const weights = await Promise.all(
      checkpoints.map(({ file }) =>
        readCheckpoint(modelSource(descriptor, context), file, target.weightsManifest, target.network),
      ),
    );
    const recorded = await recordAt(weights, (fraction) => context.progress(0.9 * fraction, 'recorded checkpoints'));
    records = recorded.map((record, i) => ({ ...record, step: checkpoints[i].step }));
  } else {
    const { models } = await trainBank(engine, {
      ...shared,
      models: [{ seed: task.seed, trainedOn: everyone }],
      record: { at: logSpacedSteps(steps, param<number>(task, 'checkpoints')) },
      onProgress: (fraction) => context.progress(0.9 * fraction, 'training once more, watching each sample'),
    });
    records = [...models[0].records];
  }
  const [final] = await recordAt([target.weights], (fraction) => context.progress(0.9 + 0.1 * fraction));
  return {
    bundle: {
      arrays: {
        ...stack(records, members.length),
        ...moments(records, steps, recipe),
        ...finalArrays(final),
        members: vector(members),
      },
      meta: { steps, batchSize: recipe.batchSize },
    },
    facts: { moments: records.length },
  };
}

function checkpointsOf(descriptor: ModelDescriptor): readonly { readonly step: number; readonly file: string }[] {
  const training = descriptor.manifest.training as { checkpoints?: { step: number; file: string }[] } | undefined;
  if (training?.checkpoints === undefined)
    throw new EngramError('ENG_INTERNAL', 'the model was planned with checkpoints and has none');
  return training.checkpoints;
}

function stack(records: readonly BankRecord[], n: number): Record<string, NdArray> {
  const of = (read: (record: BankRecord) => Float64Array | Uint8Array) => {
    const data = new Float64Array(records.length * n);
    records.forEach((record, i) => {
      data.set(read(record), i * n);
    });
    return { data, shape: [records.length, n] };
  };
  return {
    gradientNorm: of((record) => record.gradientNorm),
    loss: of((record) => record.loss),
    el2n: of((record) => record.el2n),
    correct: of((record) => record.correct),
  };
}

/** When each moment was, how many steps it stands for, and the step size there. */
function moments(records: readonly BankRecord[], steps: number, recipe: Recipe): Record<string, NdArray> {
  const at = records.map((record) => record.step);
  const rates = at.map((step) => learningRateAt(recipe, Math.min(step, steps - 1), steps));
  return {
    step: vector(Float64Array.from(at)),
    represents: vector(momentWeights(at, Math.max(steps, ...at))),
    learningRate: vector(Float64Array.from(rates)),
  };
}

function finalArrays(final: BankRecord): Record<string, NdArray> {
  return {
    'final.gradientNorm': vector(final.gradientNorm),
    'final.loss': vector(final.loss),
    'final.el2n': vector(final.el2n),
    'final.correct': vector(final.correct),
  };
}
