import type { Recipe } from '@engram/domain';
import type { Program } from '@engram/engine';
import { applyGradients, type TrainedWeight } from '../bank/apply-gradients.js';
import { differentiate, type Tensor } from '../tensors.js';
import type { LlamaConfig } from './config.js';
import { fromTheStart, hiddenStates, logitsOf } from './llama.js';
import { llamaWeightShapes } from './weights.js';

/** All tensors of a Llama; weight decay applies to matrices, not to normalisation scales. */
export function trainedLlamaWeights(config: LlamaConfig): TrainedWeight[] {
  return [...llamaWeightShapes(config)].map(([name, shape]) => ({ name, shape, decays: shape.length > 1 }));
}

/**
 * One optimizer step on a batch of sequences padded on the right: mean cross-entropy over the real next tokens.
 *
 * Inputs: `tokens` (batch, length); `lengths` (batch), 0 for a place without a sequence; `learningRate`; with noise also
 * `noiseSeed` (2), `noiseStd`, `clip`.
 */
export function trainingProgram(
  config: LlamaConfig,
  recipe: Recipe,
  batch: number,
  length: number,
  hasNoise: boolean,
  mode?: 'recorded',
): Program {
  const weights = trainedLlamaWeights(config);
  return {
    ...(mode === undefined ? {} : { mode }),
    inputs: {
      tokens: { shape: [batch, length], dtype: 'int32' },
      lengths: { shape: [batch], dtype: 'int32' },
      learningRate: { shape: [], dtype: 'float32' },
      ...(hasNoise
        ? ({
            noiseSeed: { shape: [2], dtype: 'int32' },
            noiseStd: { shape: [], dtype: 'float32' },
            clip: { shape: [], dtype: 'float32' },
          } as const)
        : {}),
    },
    run({ tf, state, data, inputs, random }) {
      const rows = batch * (length - 1);
      const targets = tf.reshape(tf.slice(inputs.tokens!, [0, 1], [batch, length - 1]), [rows]);
      const isTarget = tf.cast(tf.oneHot(targets, config.vocabularySize), 'float32');
      const at = tf.reshape(tf.range(1, length, 1, 'int32'), [1, length - 1]);
      const real = tf.reshape(tf.cast(tf.less(at, tf.reshape(inputs.lengths!, [batch, 1])), 'float32'), [rows]);
      const tables = { cosine: data.cosine!, sine: data.sine! };
      const { gradients, aside } = differentiate(
        tf,
        weights.map(({ name }) => state[name]!),
        (values) => {
          const call = {
            tf,
            config,
            weights: Object.fromEntries(weights.map(({ name }, index) => [name, values[index]!])),
          };
          const hidden = hiddenStates(call, inputs.tokens!, fromTheStart(tf, config, tables, length));
          const inner = tf.reshape(tf.slice(hidden, [0, 0, 0], [batch, length - 1, config.width]), [
            rows,
            config.width,
          ]);
          const logProbability = tf.sum(tf.mul(tf.logSoftmax(logitsOf(call, inner), -1), isTarget), 1);
          const loss: Tensor = tf.neg(tf.div(tf.sum(tf.mul(logProbability, real)), tf.maximum(tf.sum(real), 1)));
          return { loss, aside: [loss] };
        },
      );
      const step = {
        tf,
        recipe,
        learningRate: inputs.learningRate!,
        ...(hasNoise
          ? { noise: { streams: [random.from(inputs.noiseSeed!)], std: inputs.noiseStd!, clip: inputs.clip! } }
          : {}),
      };
      return { state: applyGradients(step, weights, gradients, state), outputs: { loss: aside[0]! } };
    },
  };
}
