import { EngramError, type ModelSource, type ModelTask } from '@engram/domain';
import { readJsonObject } from '../model-files.js';
import type { Network } from '../network/network.js';
import { parseTopology } from '../network/parse-topology.js';
import { parseWeightsManifest, readWeights, type SavedWeights, type WeightsManifest } from './weights.js';

/** A saved layers model, read and checked. */
export interface LayersModel {
  readonly network: Network;
  readonly weights: SavedWeights;
  readonly weightsManifest: WeightsManifest;
}

/**
 * Reads a TensorFlow.js layers model: `model.json` (at the top or in one folder) and the weight files it names.
 *
 * @param task what the model is for, as its manifest says.
 * @throws ENG_FILE_UNREADABLE, ENG_FILE_TRUNCATED, ENG_FORMAT_UNSUPPORTED as the reading of its parts; ENG_MODEL_UNSAFE,
 * ENG_MODEL_UNSUPPORTED as the topology.
 */
export async function readLayersModel(source: ModelSource, task: ModelTask): Promise<LayersModel> {
  const { network, json, path } = await readArchitecture(source, task);
  const weightsManifest = parseWeightsManifest(json.weightsManifest, path);
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return { network, weights: await readWeights(source, folder, weightsManifest, network, path), weightsManifest };
}

/**
 * Reads the network of a TensorFlow.js layers model without its weights: of its files only `model.json` is read.
 *
 * @throws as `readLayersModel`, but for the weights.
 */
export async function readLayersNetwork(source: ModelSource, task: ModelTask): Promise<Network> {
  return (await readArchitecture(source, task)).network;
}

/** Whether a file of a layers model holds its architecture: all that `readLayersNetwork` reads. */
export function isArchitectureFile(path: string): boolean {
  return path === 'model.json' || path.endsWith('/model.json');
}

async function readArchitecture(source: ModelSource, task: ModelTask) {
  if (task === 'causal-lm') throw new EngramError('ENG_INTERNAL', 'a layers model is not read as a language model');
  const path = modelJsonPath(source);
  const json = await readJsonObject(source, path);
  if (json.format === 'graph-model')
    throw new EngramError(
      'ENG_MODEL_UNSUPPORTED',
      `"${path}" is a TensorFlow.js graph model, expected a layers model`,
      {
        remedy: 'Convert with --output_format=tfjs_layers_model, or export the model to ONNX and upload that.',
      },
    );
  return { network: parseTopology(json.modelTopology, task), json, path };
}

function modelJsonPath(source: ModelSource): string {
  const candidates = source.files.map((file) => file.path).filter(isArchitectureFile);
  if (candidates.length === 1) return candidates[0]!;
  throw new EngramError(
    'ENG_FILE_UNREADABLE',
    `the upload holds ${candidates.length} files named model.json, expected one`,
    {
      remedy: 'Upload the folder model.save() wrote: model.json and its weight files.',
      details: { present: source.files.map((file) => file.path).slice(0, 20) },
    },
  );
}
