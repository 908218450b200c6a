import { type FittedModel, matchDatasetToModel } from '@engram/datasets';
import { EngramError, type ModelSource, type NdArray, type OpenDataset, type OpenPredictor } from '@engram/domain';
import {
  type Drivers,
  type LayersModel,
  type Network,
  openPredictor,
  readLayersModel,
  readLayersNetwork,
} from '@engram/models';
import type { ArchitectureDescriptor, ModelDescriptor } from '../resources.js';
import { type AuditRows, concatenate, labelsOf } from './audit-rows.js';
import { readDocument, type TaskContext } from './context.js';

/** The uploaded files of a model, out of the artifact store. */
export function modelSource({ files }: Pick<ModelDescriptor, 'files'>, context: TaskContext): ModelSource {
  const digestOf = (path: string) => {
    const file = files.find((candidate) => candidate.path === path);
    if (file === undefined) throw new EngramError('ENG_ARTIFACT_NOT_FOUND', `the model has no file ${path}`);
    return file.digest;
  };
  return {
    files,
    read: (path) => context.store.read(context.project, digestOf(path)),
    localPath: (path) => context.store.localPath(context.project, digestOf(path)),
  };
}

export async function openTargetPredictor(descriptor: ModelDescriptor, context: TaskContext): Promise<OpenPredictor> {
  return openPredictor(modelSource(descriptor, context), descriptor.inspected, await driversFor(descriptor, context));
}

/** The native library a model of this kind runs on. */
export async function driversFor(descriptor: ModelDescriptor, context: TaskContext): Promise<Drivers> {
  return descriptor.inspected.kind === 'onnx' ? { ort: await context.onnx() } : { engine: await context.engine() };
}

/** Inputs of a dataset as the model takes them: (n, …input shape). */
export async function shapedInputs(
  dataset: OpenDataset,
  descriptor: { readonly inspected: FittedModel },
  start = 0,
  end = dataset.inspected.count,
): Promise<NdArray> {
  const match = matchDatasetToModel(dataset.inspected, descriptor.inspected, '');
  if (match.kind !== 'input') throw new EngramError('ENG_INTERNAL', 'a classifier was given texts');
  const { data } = await dataset.numbers('input', start, end);
  return { data, shape: [end - start, ...match.rowShape] };
}

/** A model with its weights in the open, and the judged samples in the shape it takes. */
export interface WeightedTarget extends LayersModel {
  readonly descriptor: ModelDescriptor;
  /** (n, …input shape) */
  readonly inputs: NdArray;
}

/** A classifier that can be trained. */
export interface TrainableTarget extends WeightedTarget {
  readonly labels: Int32Array;
}

/** The network of the target without its weights, and what datasets fit it. */
export async function openArchitecture(
  context: TaskContext,
): Promise<{ readonly network: Network; readonly inspected: FittedModel }> {
  const descriptor = await readDocument<ArchitectureDescriptor>(context, 'architecture');
  const { inspected } = descriptor;
  return { network: await readLayersNetwork(modelSource(descriptor, context), inspected.task), inspected };
}

/** Inputs of all rows as the model takes them: (n, …input shape). */
export async function inputsOf(rows: AuditRows, inspected: FittedModel): Promise<NdArray> {
  return concatenate(await Promise.all(rows.parts.map(({ dataset }) => shapedInputs(dataset, { inspected }))));
}

/** @throws ENG_MODEL_UNSUPPORTED the model cannot be trained here. */
export async function openTrainableTarget(rows: AuditRows, context: TaskContext): Promise<TrainableTarget> {
  return { ...(await openWeightedTarget(rows, context)), labels: await labelsOf(rows) };
}

/** @throws ENG_MODEL_UNSUPPORTED the weights of such a model are not read here. */
export async function openWeightedTarget(rows: AuditRows, context: TaskContext): Promise<WeightedTarget> {
  const descriptor = await readDocument<ModelDescriptor>(context, 'model');
  if (descriptor.inspected.kind !== 'tfjs-layers')
    throw new EngramError('ENG_MODEL_UNSUPPORTED', `a ${descriptor.inspected.kind} model cannot be trained here`);
  const model = await readLayersModel(modelSource(descriptor, context), descriptor.inspected.task);
  return { ...model, descriptor, inputs: await inputsOf(rows, descriptor.inspected) };
}
