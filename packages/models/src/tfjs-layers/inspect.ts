import { type Ability, EngramError, type InspectedModel, type ModelSource } from '@engram/domain';
import { FiniteWeights } from '../finite-weights.js';
import type { ModelManifest } from '../manifest.js';
import { modelDigest } from '../model-files.js';
import { parameterCount } from '../network/forward.js';
import { lastDenseLayer } from '../network/last-layer.js';
import { readLayersModel } from './read-model.js';
import { checkCheckpoint } from './weights.js';

const abilities: readonly Ability[] = ['labels', 'probabilities', 'logits', 'gradients', 'weights', 'train'];

/**
 * What a TensorFlow.js layers model holds, from its files alone: no tensor library is loaded and nothing is executed.
 * Outputs are always read as logits: a final softmax, or a sigmoid on one unit, is taken off, because confidences
 * computed through a float32 softmax saturate.
 *
 * @throws ENG_MANIFEST_INVALID the manifest calls the output logits and the model ends in softmax. ENG_VALUES_NOT_FINITE.
 * ENG_MODEL_UNSAFE, ENG_MODEL_UNSUPPORTED, ENG_FILE_TRUNCATED, ENG_FILE_UNREADABLE, ENG_FORMAT_UNSUPPORTED.
 */
export async function inspectLayersModel(manifest: ModelManifest, source: ModelSource): Promise<InspectedModel> {
  const { network, weights, weightsManifest } = await readLayersModel(source);
  if (manifest.output === 'logits' && network.head !== 'linear')
    throw contradiction('logits', network.head, 'probabilities');
  if (manifest.output === 'probabilities' && network.head === 'linear')
    throw contradiction('probabilities', 'a linear layer', 'logits');
  const finite = new FiniteWeights();
  for (const [name, { data }] of Object.entries(weights)) finite.add(name, data);
  finite.check();
  const checkpoints = manifest.training?.checkpoints;
  for (const { file } of checkpoints ?? []) checkCheckpoint(source, file, weightsManifest);
  const lastLayer = lastDenseLayer(network);
  return {
    kind: 'tfjs-layers',
    task: 'classification',
    inputs: [{ name: 'input', shape: network.inputShape, dtype: 'float32' }],
    output: { shape: [network.classCount], meaning: 'logits' },
    classCount: network.classCount,
    parameterCount: parameterCount(network),
    abilities: lastLayer === undefined ? abilities : [...abilities, 'features'],
    ...(lastLayer === undefined ? {} : { lastLayer }),
    ...(checkpoints === undefined ? {} : { checkpoints: checkpoints.map((each) => each.step) }),
    digest: modelDigest('tfjs-layers', source),
  };
}

function contradiction(stated: string, found: string, correct: string): EngramError {
  const message = `the manifest says the output is ${stated}, the model ends in ${found}`;
  return new EngramError('ENG_MANIFEST_INVALID', message, {
    remedy: `Set output to "${correct}" or leave it out.`,
    faults: [{ pointer: '/output', message }],
  });
}
