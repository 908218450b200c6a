import type { Tensor } from '@tensorflow/tfjs';
import type { StateSpec } from '../session/spec.js';
import { type DecayOption, penalised, slotName, slotPerParameter, type UpdateRule } from './update-rule.js';

export interface AdamOptions extends DecayOption {
  readonly beta1?: number;
  readonly beta2?: number;
  /** Added to the root of the second moment. tf.train.adam's default is 1e-7, PyTorch's 1e-8, the default here. */
  readonly epsilon?: number;
}

/**
 * Adam (Kingma & Ba 2015, algorithm 1): w − η m̂ / (√v̂ + ε). Equal to tf.train.adam and to PyTorch's Adam, whose
 * `weight_decay` is an L2 penalty.
 */
export function adam(options: AdamOptions = {}): UpdateRule {
  return adamRule(options, options.weightDecay ?? 0, 0);
}

/** Adam with decoupled weight decay (Loshchilov & Hutter 2019): w ← (1 − η λ) w first. Equal to PyTorch's AdamW, whose λ defaults to 0.01 as here. */
export function adamw(options: AdamOptions = {}): UpdateRule {
  return adamRule(options, 0, options.weightDecay ?? 0.01);
}

const beta1Power = 'optimizer/beta1Power';
const beta2Power = 'optimizer/beta2Power';

function adamRule(
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
  penalty: number,
  decay: number,
): UpdateRule {
  const one: StateSpec = { shape: [], dtype: 'float32', initial: 1 };
  return {
    slots: (params) => ({
      [beta1Power]: one,
      [beta2Power]: one,
      ...slotPerParameter('firstMoment', params),
      ...slotPerParameter('secondMoment', params),
    }),
    update(tf, { params, grads, slots, learningRate }) {
      const power1 = tf.mul(slots[beta1Power]!, beta1);
      const power2 = tf.mul(slots[beta2Power]!, beta2);
      // The bias corrections are two scalars, kept out of the arithmetic per weight.
      const rootCorrection2 = tf.sqrt(tf.sub(1, power2));
      const rate = tf.div(learningRate, tf.sub(1, power1));
      const next: Record<string, Tensor> = {};
      const nextSlots: Record<string, Tensor> = { [beta1Power]: power1, [beta2Power]: power2 };
      for (const [name, raw] of Object.entries(grads)) {
        const param = params[name]!;
        const grad = penalised(tf, raw, param, penalty);
        const firstKey = slotName('firstMoment', name);
        const secondKey = slotName('secondMoment', name);
        const first = tf.add(tf.mul(slots[firstKey]!, beta1), tf.mul(grad, 1 - beta1));
        const second = tf.add(tf.mul(slots[secondKey]!, beta2), tf.mul(tf.square(grad), 1 - beta2));
        const step = tf.div(first, tf.add(tf.div(tf.sqrt(second), rootCorrection2), epsilon));
        const decayed = decay === 0 ? param : tf.mul(param, tf.sub(1, tf.mul(learningRate, decay)));
        next[name] = tf.sub(decayed, tf.mul(rate, step));
        nextSlots[firstKey] = first;
        nextSlots[secondKey] = second;
      }
      return { params: next, slots: nextSlots };
    },
  };
}
