import type { FittedModel } from '@engram/datasets';
import type { NdArray, TaskSpec } from '@engram/domain';
import { type Labels, openNetwork } from '@engram/models';
import type { ModelDescriptor } from '../resources.js';
import { type AskedModel, askModel } from './ask-model.js';
import { type AuditRows, openAuditRows, openRole, truthOf, truthOfRows, vector } from './audit-rows.js';
import { param, readBundle, readDocument, type TaskContext, type TaskResult } from './context.js';
import { askedLossesUnder } from './losses-under.js';
import { openArchitecture, openTargetPredictor } from './open-target.js';
import { type FewSignals, isWhole, type OutputSignals, scoredMeaning } from './output-signals.js';
import { recordedMask, trainedMasks } from './reference-masks.js';
import { keptSignals, stackSignals } from './reference-signals.js';
import { weightsOf } from './train-reference.js';

/**
 * Asks reference models about every row and about the population: a group that was trained here (input `weights`), or one
 * that was given (input `model`). Leaves `trainedOn`, `loss`, `scaledConfidence` (float64), `correct`, `predicted`,
 * `entropy`, `modifiedEntropy`, `margin` (models, n), `topProbabilities` (models, n, k), with several forms
 * `queryConfidence` (models, forms, n), `lossUnder.<key>` (models, forms, n) for other probabilities of the truth where
 * they are asked for, and of the population `population.loss`, `population.correct` and
 * `population.confidence`, the probability of the truth (models, nZ).
 */
export async function collectReferenceSignals(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const population = await openRole(context, 'population');
  const forms = param<number>(task, 'queries');
  const under = askedLossesUnder(task);
  const group = context.inputs.weights === undefined ? await given(task, rows, context) : await trained(rows, context);
  const truth = await truthOfRows(rows, group.inspected.task);
  const theirTruth: Labels =
    population === undefined ? new Int32Array() : await truthOf(population, group.inspected.task);
  const count = group.trainedOn.length;
  const total = count * (truth.length + theirTruth.length);
  let done = 0;
  const onRows = (finished: number) => {
    context.signal.throwIfAborted();
    done += finished;
    context.progress(done / total, `${count} reference models`);
  };
  const kept: Record<string, NdArray>[] = [];
  const ofPopulation: Record<string, NdArray>[] = [];
  try {
    for (const [model, trainedOn] of group.trainedOn.entries()) {
      const asked = group.model(model);
      const datasets = rows.parts.map(({ dataset }) => dataset);
      const { signals, queryConfidence, lossesUnder } = await askModel(asked, datasets, truth, forms, under, onRows);
      kept.push({
        trainedOn: vector(trainedOn),
        ...keptSignals(signals, truth),
        ...lossesUnder,
        ...(queryConfidence === null
          ? {}
          : { queryConfidence: { ...queryConfidence, data: Float32Array.from(queryConfidence.data) } }),
      });
      if (population === undefined) continue;
      const outside = await askModel(asked, [population], theirTruth, 1, under, onRows);
      ofPopulation.push({ ...keptOfPopulation(outside.signals), ...outside.lossesUnder });
    }
  } finally {
    await group.dispose();
  }
  const arrays = { ...stackSignals(kept), ...stackSignals(ofPopulation, 'population.') };
  return {
    bundle: { arrays, meta: { count, given: context.inputs.weights === undefined } },
    facts: { models: count, samples: rows.count },
  };
}

function keptOfPopulation(signals: OutputSignals | FewSignals): Record<string, NdArray> {
  const { loss } = signals;
  if (!isWhole(signals)) return { loss: vector(loss) };
  return {
    loss: vector(loss),
    correct: vector(signals.correct),
    confidence: vector(Float32Array.from(loss, (nats) => Math.exp(-nats))),
  };
}

/** Reference models that can be asked one after another. */
interface ReferenceGroup {
  /** For each model (n), 1 = trained on. */
  readonly trainedOn: readonly Uint8Array[];
  readonly inspected: FittedModel;
  readonly model: (number: number) => AskedModel;
  readonly dispose: () => Promise<void>;
}

async function trained(rows: AuditRows, context: TaskContext): Promise<ReferenceGroup> {
  const { arrays } = await readBundle(context, 'weights');
  const { network, inspected } = await openArchitecture(context);
  const open = openNetwork(await context.engine(), network);
  return {
    trainedOn: trainedMasks(arrays.trainedOn, rows),
    inspected,
    model(number) {
      open.load(weightsOf(arrays, number));
      return {
        inspected,
        meaning: network.task === 'regression' ? 'prediction' : 'logits',
        outputs: open.outputs,
      };
    },
    dispose: async () => open.dispose(),
  };
}

async function given(task: TaskSpec, rows: AuditRows, context: TaskContext): Promise<ReferenceGroup> {
  const descriptor = await readDocument<ModelDescriptor>(context, 'model');
  const open = await openTargetPredictor(descriptor, context);
  const { inspected } = descriptor;
  const asked = { inspected, meaning: scoredMeaning(inspected.output.meaning), outputs: open.outputs };
  const trainedOn =
    param<string>(task, 'trainedOn') === 'none'
      ? new Uint8Array(rows.count)
      : await recordedMask(rows, param<number>(task, 'number'));
  return { trainedOn: [trainedOn], inspected, model: () => asked, dispose: () => open.dispose() };
}
