import type { Program } from '@engram/engine';
import type { Tensor, Tf } from '../tensors.js';
import type { LlamaConfig } from './config.js';
import { fromTheStart, hiddenStates, logitsOf } from './llama.js';

/** Log-probabilities of the next tokens and how they rank, inside a graph. */
export interface TokenScores {
  /** (rows) */
  readonly logProbability: Tensor;
  /** (rows) int32, 1 = most likely; equal logits rank by id. */
  readonly rank: Tensor;
}

/**
 * @param logits (rows, vocabulary)
 * @param targets int32 (rows)
 */
export function scoreTokens(
  tf: Tf,
  logits: Tensor,
  targets: Tensor,
): TokenScores & { readonly logProbabilities: Tensor } {
  const [rows, vocabulary] = logits.shape as [number, number];
  const logProbabilities = tf.logSoftmax(logits, -1);
  const ids = tf.reshape(tf.range(0, vocabulary, 1, 'int32'), [1, vocabulary]);
  const column = tf.reshape(targets, [rows, 1]);
  const isTarget = tf.cast(tf.equal(ids, column), 'float32');
  const own = tf.sum(tf.mul(logits, isTarget), 1, true);
  const above = tf.logicalOr(tf.greater(logits, own), tf.logicalAnd(tf.equal(logits, own), tf.less(ids, column)));
  return {
    logProbabilities,
    logProbability: tf.sum(tf.mul(logProbabilities, isTarget), 1),
    rank: tf.add(tf.sum(tf.cast(above, 'int32'), 1), 1),
  };
}

/**
 * Scores whole sequences: what each position says of the next token.
 *
 * @param topK also the K most likely tokens of each position; 0 for none.
 */
export function scoringProgram(
  config: LlamaConfig,
  batch: number,
  length: number,
  topK: number,
  mode?: 'recorded',
): Program {
  return {
    ...(mode === undefined ? {} : { mode }),
    inputs: { tokens: { shape: [batch, length], dtype: 'int32' } },
    run({ tf, state, data, inputs }) {
      const call = { tf, config, weights: state };
      const tables = { cosine: data.cosine!, sine: data.sine! };
      const hidden = hiddenStates(call, inputs.tokens!, fromTheStart(tf, config, tables, length));
      const rows = batch * (length - 1);
      const logits = logitsOf(
        call,
        tf.reshape(tf.slice(hidden, [0, 0, 0], [batch, length - 1, config.width]), [rows, config.width]),
      );
      const targets = tf.reshape(tf.slice(inputs.tokens!, [0, 1], [batch, length - 1]), [rows]);
      const { logProbability, rank, logProbabilities } = scoreTokens(tf, logits, targets);
      const top = topK > 0 ? tf.topk(logProbabilities, topK) : undefined;
      return {
        outputs: {
          logProbability,
          rank,
          ...(top === undefined ? {} : { topLogProbabilities: top.values, topTokens: top.indices }),
        },
      };
    },
  };
}
