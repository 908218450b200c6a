import type { Tensor } from '@tensorflow/tfjs';
import { type DecayOption, penalised, slotName, slotPerParameter, type UpdateRule } from './update-rule.js';

/** w − η g. Equal to tf.train.sgd and to PyTorch's SGD. */
export function sgd({ weightDecay = 0 }: DecayOption = {}): UpdateRule {
  return {
    slots: () => ({}),
    update(tf, { params, grads, learningRate }) {
      const next: Record<string, Tensor> = {};
      for (const [name, grad] of Object.entries(grads)) {
        const param = params[name]!;
        next[name] = tf.sub(param, tf.mul(learningRate, penalised(tf, grad, param, weightDecay)));
      }
      return { params: next, slots: {} };
    },
  };
}

export interface MomentumOptions extends DecayOption {
  readonly momentum: number;
  readonly nesterov?: boolean;
}

/**
 * a ← μ a + g, then w − η a (or w − η (g + μ a) with Nesterov). Equal to tf.train.momentum and to PyTorch's SGD with
 * momentum and no dampening.
 */
export function momentum({ momentum: mu, nesterov = false, weightDecay = 0 }: MomentumOptions): UpdateRule {
  return {
    slots: (params) => slotPerParameter('velocity', params),
    update(tf, { params, grads, slots, learningRate }) {
      const next: Record<string, Tensor> = {};
      const nextSlots: Record<string, Tensor> = {};
      for (const [name, raw] of Object.entries(grads)) {
        const param = params[name]!;
        const grad = penalised(tf, raw, param, weightDecay);
        const key = slotName('velocity', name);
        const velocity = tf.add(tf.mul(slots[key]!, mu), grad);
        const direction = nesterov ? tf.add(grad, tf.mul(velocity, mu)) : velocity;
        nextSlots[key] = velocity;
        next[name] = tf.sub(param, tf.mul(learningRate, direction));
      }
      return { params: next, slots: nextSlots };
    },
  };
}
