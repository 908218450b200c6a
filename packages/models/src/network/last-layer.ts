import type { LastDenseLayer } from '@engram/domain';
import type { Tensor } from '../tensors.js';
import { type ForwardCall, forward, type NetworkWeights } from './forward.js';
import type { Network } from './network.js';

/** The dense layer that gives the logits or the prediction; undefined when another kind of layer does. */
export function lastDenseLayer(network: Network): LastDenseLayer | undefined {
  const { layer, inputs } = network.nodes.at(-1)!;
  if (layer.linear === undefined) return undefined;
  const [from] = inputs;
  const shape = from! < 0 ? network.inputShape : network.nodes[from!]!.layer.outputShape;
  return {
    width: shape[0]!,
    head: headOf(network),
    bias: layer.linear.bias,
  };
}

function headOf({ task, head }: Network): LastDenseLayer['head'] {
  if (task === 'regression') return 'linear';
  return head === 'sigmoid' ? 'sigmoid' : 'softmax';
}

/**
 * Logits of a batch and what the last layer read to give them.
 *
 * @returns logits (…lead, classes), features (…lead, …input of the last layer).
 */
export function forwardFeatures(
  network: Network,
  call: ForwardCall,
  weights: NetworkWeights,
  x: Tensor,
): { logits: Tensor; features: Tensor } {
  let features: Tensor | undefined;
  const observe = (node: number, inputs: readonly Tensor[]) => {
    if (node === network.nodes.length - 1) features = inputs[0];
  };
  const logits = forward(network, { ...call, observe }, weights, x);
  return { logits, features: features! };
}
