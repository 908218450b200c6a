import type { SurrogateModels } from '@engram/attacks';
import { EngramError, type NdArray, type TaskSpec } from '@engram/domain';
import { type OpenInputGradients, openInputGradients, readLayersModel } from '@engram/models';
import { scaledConfidenceFromLogits } from '@engram/numeric';
import type { ModelDescriptor } from '../../resources.js';
import type { AuditRows } from '../audit-rows.js';
import { param, readBundle, readDocument, type TaskContext } from '../context.js';
import { modelSource, openArchitecture } from '../open-target.js';
import { recordedMask, trainedMasks } from '../reference-masks.js';
import { weightsOf } from '../train-reference.js';

/** Reference models on the engine, for as long as they are needed. */
export interface OpenSurrogates extends SurrogateModels {
  readonly dispose: () => void;
}

/** One of them; models of one architecture share what is open, and are loaded when they are asked. */
interface Surrogate {
  /** (n) 1 = trained on. */
  readonly trainedOn: Uint8Array;
  readonly open: OpenInputGradients;
  readonly weights: Readonly<Record<string, NdArray<Float32Array>>>;
}

/**
 * The reference models a plan passed on: groups trained here (inputs `weights.NNN` and `architecture`), or models that
 * were given (`given.NNN`, the parameter `trainedOn` saying on what). The weights of all of them are held in memory, and
 * those of one model of each architecture on the device. Stops between two questions when the audit is cancelled.
 */
export async function openSurrogates(task: TaskSpec, rows: AuditRows, context: TaskContext): Promise<OpenSurrogates> {
  const opened = new Set<OpenInputGradients>();
  const dispose = () => {
    for (const open of opened) open.dispose();
  };
  try {
    const models =
      context.inputs.architecture === undefined
        ? await givenModels(task, rows, context, opened)
        : await trainedModels(rows, context, opened);
    return {
      models: models.length,
      isUnseen: (model, sample) => models[model].trainedOn[sample] === 0,
      async ask(model, inputs, labels) {
        context.signal.throwIfAborted();
        const { open, weights } = models[model];
        open.load(weights);
        const { logits, gradients } = await open.ask(inputs, labels);
        return { scaledConfidence: scaledConfidenceFromLogits(logits, labels), gradients };
      },
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

async function trainedModels(
  rows: AuditRows,
  context: TaskContext,
  opened: Set<OpenInputGradients>,
): Promise<Surrogate[]> {
  const { network } = await openArchitecture(context);
  const open = openInputGradients(await context.engine(), network);
  opened.add(open);
  const models: Surrogate[] = [];
  for (const name of inputsNamed(context, 'weights.')) {
    const { arrays } = await readBundle(context, name);
    trainedMasks(arrays.trainedOn, rows).forEach((trainedOn, model) => {
      models.push({ trainedOn, open, weights: weightsOf(arrays, model) });
    });
  }
  return models;
}

async function givenModels(
  task: TaskSpec,
  rows: AuditRows,
  context: TaskContext,
  opened: Set<OpenInputGradients>,
): Promise<Surrogate[]> {
  const models: Surrogate[] = [];
  for (const [number, name] of inputsNamed(context, 'given.').entries()) {
    const descriptor = await readDocument<ModelDescriptor>(context, name);
    const { network, weights } = await readLayersModel(modelSource(descriptor, context), descriptor.inspected.task);
    const open = openInputGradients(await context.engine(), network);
    opened.add(open);
    const trainedOn =
      param<string>(task, 'trainedOn') === 'none' ? new Uint8Array(rows.count) : await recordedMask(rows, number);
    models.push({ trainedOn, open, weights });
  }
  return models;
}

function inputsNamed({ inputs }: TaskContext, prefix: string): string[] {
  const names = Object.keys(inputs).filter((name) => name.startsWith(prefix));
  if (names.length === 0) throw new EngramError('ENG_INTERNAL', `the task has no inputs ${prefix}`);
  return names.sort();
}
