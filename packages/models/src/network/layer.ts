import { EngramError } from '@engram/domain';
import type { z } from 'zod';
import type { Tensor, Tf } from '../tensors.js';
import type { Initializer } from './initializers.js';

/** One weight of a layer: its short name as Keras spells it ("kernel"), its shape and how it is drawn anew. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** False for moving statistics: no gradient, no noise, no weight decay. */
  readonly trainable: boolean;
  /** L1 and L2 penalties saved with the layer; part of the training loss. */
  readonly penalty?: { readonly l1: number; readonly l2: number };
}

/** What a layer may use while it computes. Tensors lead with `lead`: [batch], or [models, batch] when stacked. */
export interface LayerCall {
  readonly tf: Tf;
  readonly lead: readonly number[];
  readonly training: boolean;
  /** Uniform draws in [0, 1) of the given shape, a stream of their own per layer; training only. */
  uniform(shape: readonly number[]): Tensor;
  /** Announces the next value of a weight that is not trained by gradients (moving statistics); training only. */
  update(weight: string, value: Tensor): void;
  /** (…lead) 1 for real samples, 0 for padding of a short batch; training only. */
  readonly sampleWeights?: Tensor;
}

export type LayerWeights = Readonly<Record<string, Tensor>>;

/** A layer ready to compute: pure functions of tensors, so they can be recorded, differentiated and stacked. */
export interface Layer {
  /** Without the batch axis. */
  readonly outputShape: readonly number[];
  readonly weights: readonly WeightSpec[];
  /** Whether it also computes with a leading model axis, weights stacked along it. */
  readonly stackable: boolean;
  /** A dense layer on one row of inputs, without its activation. */
  readonly linear?: { readonly bias: boolean };
  /** Draws random numbers in training. */
  readonly random?: boolean;
  forward(call: LayerCall, inputs: readonly Tensor[], weights: LayerWeights): Tensor;
  /**
   * Squared norm of each sample's gradient with respect to this layer's trainable weights, shape (…lead), from the
   * layer's inputs and the gradient of the summed loss at its output.
   */
  squaredGradientNorms?(call: LayerCall, inputs: readonly Tensor[], weights: LayerWeights, gradient: Tensor): Tensor;
}

/** How a saved layer of one class becomes layers here: its own, then the activation it carried, if any. */
export interface LayerKind {
  readonly className: string;
  build(config: unknown, inputShapes: readonly (readonly number[])[], name: string): Layer | readonly NamedLayer[];
}

/** A part of a saved layer that is computed as a layer of its own. */
export interface NamedLayer {
  readonly part: string;
  readonly layer: Layer;
}

/**
 * A layer's settings, checked.
 *
 * @throws ENG_MODEL_UNSUPPORTED naming the layer, the setting and what is supported.
 */
export function parseConfig<S extends z.ZodType>(
  schema: S,
  config: unknown,
  className: string,
  name: string,
): z.infer<S> {
  const parsed = schema.safeParse(config ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw unsupportedLayer(className, name, `its setting "${issue.path.join('.')}" is not supported: ${issue.message}`);
}

export function unsupportedLayer(className: string, name: string, why: string, remedy?: string): EngramError {
  return new EngramError('ENG_MODEL_UNSUPPORTED', `layer "${name}" (${className}): ${why}`, {
    remedy:
      remedy ??
      'Export the model to ONNX and upload that: it can then be audited through its outputs, without retraining.',
    details: { layer: name, className },
  });
}
