import { type Ability, EngramError, type InspectedModel, type ModelSource } from '@engram/domain';
import { FiniteWeights } from '../finite-weights.js';
import type { ModelManifest } from '../manifest.js';
import { modelDigest } from '../model-files.js';
import { parameterCount } from '../network/forward.js';
import { lastDenseLayer } from '../network/last-layer.js';
import type { Network } from '../network/network.js';
import { readLayersModel } from './read-model.js';
import { checkCheckpoint } from './weights.js';

const abilities: readonly Ability[] = ['gradients', 'weights', 'train'];
const classifierAbilities: readonly Ability[] = ['labels', 'probabilities', 'logits', ...abilities];
/** Its architecture is at hand, so others like it can be trained; its own weights are not read further. */
const labelAbilities: readonly Ability[] = ['labels', 'train'];
const regressionAbilities: readonly Ability[] = ['predictions', ...abilities];

/**
 * What a TensorFlow.js layers model holds, from its files alone: no tensor library is loaded and nothing is executed.
 * Outputs of classifiers are always read as logits: a final softmax, or a sigmoid on one unit, is taken off, because confidences
 * computed through a float32 softmax saturate. Where the manifest says labels, nothing but the class is read of its answers.
 *
 * @throws ENG_MANIFEST_INVALID the manifest calls the output logits and the model ends in softmax. ENG_VALUES_NOT_FINITE.
 * ENG_MODEL_UNSAFE, ENG_MODEL_UNSUPPORTED, ENG_FILE_TRUNCATED, ENG_FILE_UNREADABLE, ENG_FORMAT_UNSUPPORTED.
 */
export async function inspectLayersModel(manifest: ModelManifest, source: ModelSource): Promise<InspectedModel> {
  const { network, weights, weightsManifest } = await readLayersModel(source, manifest.task);
  if (manifest.output === 'logits' && network.head !== 'linear')
    throw contradiction('logits', network.head, 'probabilities');
  if (manifest.output === 'probabilities' && network.head === 'linear')
    throw contradiction('probabilities', 'a linear layer', 'logits');
  const finite = new FiniteWeights();
  for (const [name, { data }] of Object.entries(weights)) finite.add(name, data);
  finite.check();
  const checkpoints = manifest.training?.checkpoints;
  for (const { file } of checkpoints ?? []) checkCheckpoint(source, file, weightsManifest);
  return {
    kind: 'tfjs-layers',
    inputs: [{ name: 'input', shape: network.inputShape, dtype: 'float32' }],
    ...(network.task === 'regression' ? regression(network) : classifier(network, manifest.output)),
    parameterCount: parameterCount(network),
    ...(checkpoints === undefined ? {} : { checkpoints: checkpoints.map((each) => each.step) }),
    digest: modelDigest('tfjs-layers', source),
  };
}

function regression(network: Network) {
  const {
    nodes: [first, ...others],
    inputShape,
  } = network;
  const lastLayer = lastDenseLayer(network);
  const { linear } = first!.layer;
  const isLinear = linear !== undefined && others.length === 0;
  return {
    task: 'regression' as const,
    output: { shape: [1], meaning: 'prediction' as const },
    abilities: lastLayer === undefined ? regressionAbilities : [...regressionAbilities, 'features' as const],
    ...(lastLayer === undefined ? {} : { lastLayer }),
    ...(isLinear ? { linearUnit: { width: inputShape[0]!, bias: linear.bias } } : {}),
  };
}

function classifier(network: Network, told: ModelManifest['output']) {
  const { outputCount: classCount } = network;
  if (told === 'labels')
    return {
      task: 'classification' as const,
      output: { shape: [1], meaning: 'labels' as const },
      classCount,
      abilities: labelAbilities,
    };
  const lastLayer = lastDenseLayer(network);
  return {
    task: 'classification' as const,
    output: { shape: [classCount], meaning: 'logits' as const },
    classCount,
    abilities: lastLayer === undefined ? classifierAbilities : [...classifierAbilities, 'features' as const],
    ...(lastLayer === undefined ? {} : { lastLayer }),
  };
}

function contradiction(stated: string, found: string, correct: string): EngramError {
  const message = `the manifest says the output is ${stated}, the model ends in ${found}`;
  return new EngramError('ENG_MANIFEST_INVALID', message, {
    remedy: `Set output to "${correct}" or leave it out.`,
    faults: [{ pointer: '/output', message }],
  });
}
