import { EngramError } from '@engram/domain';
import { z } from 'zod';
import { type Layer, type LayerKind, type NamedLayer, unsupportedLayer } from './layer.js';
import { layerKinds } from './layers/index.js';
import type { Network, NetworkNode, NetworkTask, NetworkWeight } from './network.js';

/** A layer as TensorFlow.js and Keras save it. */
export const savedLayer = z.looseObject({
  class_name: z.string(),
  name: z.string().optional(),
  config: z.looseObject({ name: z.string().optional() }).default({}),
  inbound_nodes: z.array(z.unknown()).default([]),
});
export type SavedLayer = z.infer<typeof savedLayer>;

/** A saved layer with the names of the layers it reads; an empty list means the network's input. */
export interface Step {
  readonly saved: SavedLayer;
  readonly name: string;
  readonly reads: readonly string[];
}

/**
 * Puts saved layers together: each becomes one node or several, and the last activation of a classifier is taken off.
 *
 * @param steps in an order in which every layer follows those it reads.
 * @param output name of the layer that gives the outputs.
 * @throws ENG_MODEL_UNSUPPORTED naming the layer.
 */
export function assemble(
  steps: readonly Step[],
  inputShape: readonly number[],
  output: string,
  task: NetworkTask,
): Network {
  const nodes: NetworkNode[] = [];
  // Where each saved layer's output is computed: its last node. The input is -1.
  const outputOf = new Map<string, number>([['', -1]]);
  for (const { saved, name, reads } of steps) {
    if (outputOf.has(name)) throw unsupportedLayer(saved.class_name, name, 'its name occurs twice');
    let inputs = reads.length === 0 ? [-1] : reads.map((read) => outputOf.get(read)!);
    for (const { part, layer } of buildLayer(
      kindOf(saved, name),
      saved,
      inputs.map((at) => (at < 0 ? inputShape : nodes[at]!.layer.outputShape)),
      name,
    )) {
      // An activation that does nothing is left out.
      if ((layer as { activation?: string }).activation === 'linear') continue;
      nodes.push({
        name: part === '' ? name : `${name}/${part}`,
        layer,
        inputs,
        weightNames: layer.weights.map((weight) => `${name}/${weight.name}`),
      });
      inputs = [nodes.length - 1];
    }
    outputOf.set(name, inputs[0]!);
  }
  const last = outputOf.get(output);
  if (last === undefined || last < 0 || last !== nodes.length - 1)
    throw new EngramError('ENG_MODEL_UNSUPPORTED', `the output layer "${output}" is not the last one computed`, {
      remedy: 'Save the model with every layer leading to its one output.',
    });
  return task === 'regression' ? regression(nodes, inputShape) : classifier(nodes, inputShape);
}

function kindOf(saved: SavedLayer, name: string): LayerKind {
  const kind = layerKinds.get(saved.class_name);
  if (kind !== undefined) return kind;
  throw unsupportedLayer(
    saved.class_name,
    name,
    `layers of this class are not computed here; supported are ${[...layerKinds.keys()].join(', ')}`,
  );
}

function buildLayer(
  kind: LayerKind,
  saved: SavedLayer,
  shapes: readonly (readonly number[])[],
  name: string,
): readonly NamedLayer[] {
  const built = kind.build(saved.config, shapes, name);
  const parts = Array.isArray(built) ? (built as readonly NamedLayer[]) : [{ part: '', layer: built as Layer }];
  for (const { layer } of parts) {
    if (!layer.outputShape.every((size) => Number.isInteger(size) && size > 0))
      throw unsupportedLayer(
        saved.class_name,
        name,
        `it would produce shape [${layer.outputShape}] from [${shapes.join('], [')}]`,
        'Check the input shape and the layer settings.',
      );
  }
  return parts;
}

/** Takes the last activation off and reads the number of classes. */
function classifier(nodes: readonly NetworkNode[], inputShape: readonly number[]): Network {
  const last = nodes.at(-1)!;
  const shape = last.layer.outputShape;
  const activation = (last.layer as { activation?: string }).activation;
  if (shape.length !== 1)
    throw new EngramError(
      'ENG_MODEL_UNSUPPORTED',
      `the model's output has shape [${shape}] per sample, a classifier gives one row of classes`,
      {
        remedy: 'Add a layer that reduces the output to one value per class.',
      },
    );
  const head = activation === 'softmax' ? 'softmax' : activation === 'sigmoid' && shape[0] === 1 ? 'sigmoid' : 'linear';
  const outputCount = head === 'sigmoid' ? 2 : shape[0]!;
  if (outputCount < 2)
    throw new EngramError(
      'ENG_MODEL_UNSUPPORTED',
      `the model's output is one ${activation ?? 'linear'} value, a classifier gives one per class`,
      {
        remedy:
          'Set task to "regression" in the manifest if the model predicts a number; a two-class model ends in one sigmoid unit or two softmax units.',
      },
    );
  if (activation !== undefined && head === 'linear')
    throw new EngramError(
      'ENG_MODEL_UNSUPPORTED',
      `the model ends in the activation ${activation}, neither logits nor probabilities over classes`,
      {
        remedy: 'End the model in a linear layer (logits), softmax, or one sigmoid unit.',
      },
    );
  const kept = head === 'linear' ? nodes : nodes.slice(0, -1);
  if (kept.length === 0)
    throw new EngramError('ENG_MODEL_UNSUPPORTED', 'the model has no layer before its softmax', {
      remedy: 'Upload a model with weights.',
    });
  return { task: 'classification', head, outputCount, ...graphOf(kept, inputShape) };
}

/** One linear unit at the end: nothing to take off. */
function regression(nodes: readonly NetworkNode[], inputShape: readonly number[]): Network {
  const { layer } = nodes.at(-1)!;
  const { activation } = layer as { activation?: string };
  if (String(layer.outputShape) !== '1' || activation !== undefined)
    throw new EngramError(
      'ENG_MODEL_UNSUPPORTED',
      `the model ends in ${activation ?? 'a linear layer'} with outputs of shape [${layer.outputShape}] per sample, a regression ends in one linear unit`,
      {
        remedy:
          'Audit one output at a time: export the model with one linear unit at the end. For a model that tells classes leave task out of the manifest.',
      },
    );
  return { task: 'regression', head: 'linear', outputCount: 1, ...graphOf(nodes, inputShape) };
}

function graphOf(
  nodes: readonly NetworkNode[],
  inputShape: readonly number[],
): Pick<Network, 'inputShape' | 'nodes' | 'weights' | 'stackable'> {
  const weights = nodes.flatMap((node, index) =>
    node.layer.weights.map(
      (weight, at): NetworkWeight => ({ ...weight, savedName: node.weightNames[at]!, node: index }),
    ),
  );
  return { inputShape, nodes, weights, stackable: nodes.every((node) => node.layer.stackable) };
}
