import type { Tensor } from '@tensorflow/tfjs';
import type { StateSpec, TensorSpec } from '../session/spec.js';
import type { TensorFlow } from '../tensorflow/backend.js';

export type NamedTensors = Readonly<Record<string, Tensor>>;

export interface UpdateArguments {
  readonly params: NamedTensors;
  /** By the same names; a parameter without one stays as it is. */
  readonly grads: NamedTensors;
  readonly slots: NamedTensors;
  /** Scalar, or anything that broadcasts against every parameter: an input, so a schedule needs no new recording. */
  readonly learningRate: Tensor;
}

/**
 * An optimizer as a pure function over state: the slots are session variables like the parameters, so they are created
 * before recording, read, written and stored like them.
 */
export interface UpdateRule {
  /** The slots to declare in the session's `state`, by name; their names start with `optimizer/`. */
  slots(params: Readonly<Record<string, TensorSpec>>): Record<string, StateSpec>;
  update(tf: TensorFlow, args: UpdateArguments): { params: Record<string, Tensor>; slots: Record<string, Tensor> };
}

export interface DecayOption {
  /** L2 penalty added to the gradient (PyTorch's `weight_decay` of SGD and Adam). Default 0. */
  readonly weightDecay?: number;
}

/** Declares one slot per parameter, of its shape, zero. */
export function slotPerParameter(
  kind: string,
  params: Readonly<Record<string, TensorSpec>>,
): Record<string, StateSpec> {
  return Object.fromEntries(
    Object.entries(params).map(([name, { shape }]) => [slotName(kind, name), { shape, dtype: 'float32' }]),
  );
}

export function slotName(kind: string, parameter: string): string {
  return `optimizer/${kind}/${parameter}`;
}

/** The gradient with the L2 penalty's. */
export function penalised(tf: TensorFlow, grad: Tensor, param: Tensor, weightDecay: number): Tensor {
  return weightDecay === 0 ? grad : tf.add(grad, tf.mul(param, weightDecay));
}
