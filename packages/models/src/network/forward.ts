import { EngramError } from '@engram/domain';
import { differentiate, type Tensor } from '../tensors.js';
import { sizeOf } from './initializers.js';
import type { LayerCall } from './layer.js';
import type { Network } from './network.js';

/** Weights by saved name; with a leading model axis when `lead` has two entries. */
export type NetworkWeights = Readonly<Record<string, Tensor>>;

export interface ForwardCall {
  readonly tf: LayerCall['tf'];
  /** [batch], or [models, batch] when weights are stacked. */
  readonly lead: readonly number[];
  readonly training?: boolean;
  readonly sampleWeights?: Tensor;
  /** Uniform draws for one node; training only. */
  readonly uniform?: (node: number, shape: readonly number[]) => Tensor;
  readonly update?: (savedName: string, value: Tensor) => void;
  /** Zero tensors added to the outputs of nodes, whose gradients are those at the outputs. */
  readonly taps?: ReadonlyMap<number, Tensor>;
  /** Told of every node's inputs, for per-sample gradient norms. */
  readonly observe?: (node: number, inputs: readonly Tensor[]) => void;
}

/**
 * What a network answers to a batch: logits, or predictions.
 *
 * @param x (…lead, …input shape)
 * @returns (…lead, classes), a sigmoid on one unit z gives (0, z); (…lead, 1) of a regression.
 */
export function forward(network: Network, call: ForwardCall, weights: NetworkWeights, x: Tensor): Tensor {
  const { tf, lead } = call;
  const values: Tensor[] = [];
  network.nodes.forEach((node, index) => {
    const inputs = node.inputs.map((at) => (at < 0 ? x : values[at]!));
    call.observe?.(index, inputs);
    const output = node.layer.forward(layerCall(network, call, index), inputs, nodeWeights(network, index, weights));
    const tap = call.taps?.get(index);
    values.push(tap === undefined ? output : tf.add(output, tap));
  });
  const answers = values.at(-1)!;
  return network.head === 'sigmoid' ? tf.concat([tf.zerosLike(answers), answers], lead.length) : answers;
}

/**
 * Squared norm of each sample's gradient over all trainable weights, evaluation mode, stored statistics for batch
 * normalisation. One backward pass for the whole batch: zero taps at the outputs of layers with weights receive the
 * gradients of the summed loss there, and closed forms give each layer's norms.
 *
 * @param lossOf per-sample losses (…lead) of what `forward` gives; they are summed here.
 * @returns the losses, what `forward` gave, and the squared norms (…lead).
 */
export function perSampleGradients(
  network: Network,
  call: Pick<ForwardCall, 'tf' | 'lead'>,
  weights: NetworkWeights,
  x: Tensor,
  lossOf: (outputs: Tensor) => Tensor,
): { squaredNorms: Tensor; losses: Tensor; outputs: Tensor } {
  const { tf, lead } = call;
  const tapped = network.nodes.flatMap((node, index) => (node.layer.squaredGradientNorms === undefined ? [] : [index]));
  const taps = tapped.map((index) => tf.zeros([...lead, ...network.nodes[index]!.layer.outputShape]));
  const observed: { node: number; count: number }[] = [];
  const { gradients, aside } = differentiate(tf, taps, (given) => {
    const seen: Tensor[] = [];
    const run = {
      ...call,
      taps: new Map(tapped.map((index, at) => [index, given[at]!])),
      observe: (node: number, inputs: readonly Tensor[]) => {
        observed.push({ node, count: inputs.length });
        seen.push(...inputs);
      },
    };
    const outputs = forward(network, run, weights, x);
    const losses = lossOf(outputs);
    return { loss: tf.sum(losses), aside: [outputs, losses, ...seen] };
  });
  const [outputs, losses, ...seen] = aside;
  const inputsOf = new Map(observed.map(({ node, count }) => [node, seen.splice(0, count)]));
  const terms = tapped.map((index, at) => {
    const layer = network.nodes[index]!.layer;
    return layer.squaredGradientNorms!(
      layerCall(network, call, index),
      inputsOf.get(index)!,
      nodeWeights(network, index, weights),
      gradients[at]!,
    );
  });
  return { squaredNorms: terms.length === 1 ? terms[0]! : tf.addN(terms), losses: losses!, outputs: outputs! };
}

function nodeWeights(network: Network, index: number, weights: NetworkWeights): Record<string, Tensor> {
  const node = network.nodes[index]!;
  return Object.fromEntries(node.layer.weights.map((weight, at) => [weight.name, weights[node.weightNames[at]!]!]));
}

function layerCall(network: Network, call: ForwardCall, index: number): LayerCall {
  const node = network.nodes[index]!;
  const absent = (what: string) => () => {
    throw new EngramError('ENG_INTERNAL', `layer "${node.name}" asked for ${what} outside training`);
  };
  const { uniform, update } = call;
  return {
    tf: call.tf,
    lead: call.lead,
    training: call.training ?? false,
    uniform: uniform === undefined ? absent('random numbers') : (shape) => uniform(index, shape),
    update:
      update === undefined
        ? absent('an update')
        : (name, value) =>
            update(node.weightNames[node.layer.weights.findIndex((weight) => weight.name === name)]!, value),
    ...(call.sampleWeights === undefined ? {} : { sampleWeights: call.sampleWeights }),
  };
}

/** Number of values in all weights. */
export function parameterCount(network: Network): number {
  return network.weights.reduce((sum, weight) => sum + sizeOf(weight.shape), 0);
}
