import type { Tensor } from '@tensorflow/tfjs';
import { adam } from '../optimizers/adam.js';
import type { NamedTensors, UpdateRule } from '../optimizers/update-rule.js';
import type { SessionSpec, StateSpec } from '../session/spec.js';
import { noise } from './noise.js';

export const mlpSizes = [600, 512, 256, 100] as const;
export const mlpRows = 5000;

/** Multiplications and additions of one training sample: forwards, weights backwards, inputs backwards but the first layer's. */
export const mlpFlops = 2 * (3 * (600 * 512 + 512 * 256 + 256 * 100) - 600 * 512);

/**
 * Training step of `models` dense networks side by side, each on its own batch; one network without the leading axis
 * when `models` is 0.
 */
export function mlpSession(
  mode: 'recorded' | 'xla',
  batch: number,
  models = 0,
  rule: UpdateRule = adam(),
): SessionSpec {
  const leading = models > 0 ? [models] : [];
  const params: Record<string, StateSpec> = {};
  for (let i = 0; i < 3; i++) {
    const [from, to] = [mlpSizes[i]!, mlpSizes[i + 1]!];
    const count = Math.max(models, 1);
    params[`w${i}`] = {
      shape: [...leading, from, to],
      dtype: 'float32',
      initial: noise(count * from * to, Math.sqrt(1 / from), i),
    };
    params[`b${i}`] = { shape: models > 0 ? [models, 1, to] : [to], dtype: 'float32' };
  }
  const names = Object.keys(params);
  return {
    name: 'mlp',
    mode,
    state: { ...params, ...rule.slots(params) },
    data: {
      x: { data: noise(mlpRows * 600, 1, 9).map((v) => (v > 0 ? 1 : 0)), shape: [mlpRows, 600] },
      y: { data: Int32Array.from({ length: mlpRows }, (_, i) => i % 100), shape: [mlpRows] },
    },
    programs: {
      step: {
        inputs: {
          rows: { shape: [Math.max(models, 1) * batch], dtype: 'int32' },
          rate: { shape: [], dtype: 'float32' },
        },
        run({ tf, state, data, inputs }) {
          const x = tf.reshape(tf.gather(data.x!, inputs.rows! as never), [...leading, batch, 600]);
          const y = tf.reshape(tf.oneHot(tf.gather(data.y!, inputs.rows! as never), 100), [...leading, batch, 100]);
          const loss = (weights: NamedTensors): Tensor => {
            let h: Tensor = x;
            for (let i = 0; i < 3; i++) {
              h = tf.add(tf.matMul(h, weights[`w${i}`]!), weights[`b${i}`]!);
              if (i < 2) h = tf.relu(h);
            }
            return tf.div(tf.neg(tf.sum(tf.mul(tf.logSoftmax(h), y))), batch);
          };
          const { value, grads } = tf.valueAndGrads((...values: Tensor[]) =>
            loss(Object.fromEntries(names.map((name, i) => [name, values[i]!]))),
          )(names.map((name) => state[name]!));
          const next = rule.update(tf, {
            params: Object.fromEntries(names.map((name) => [name, state[name]!])),
            grads: Object.fromEntries(names.map((name, i) => [name, grads[i]!])),
            slots: state,
            learningRate: inputs.rate!,
          });
          return { state: { ...next.params, ...next.slots }, outputs: { loss: value } };
        },
      },
    },
  };
}
