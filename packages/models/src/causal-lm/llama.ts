import type { Tensor, Tf } from '../tensors.js';
import type { LlamaConfig } from './config.js';

/** A Llama's tensors by Hugging Face name. */
export type LlamaTensors = Readonly<Record<string, Tensor>>;

/** Cosines and sines of the rotary angles: (positions, head width / 2) each. */
export interface RotaryTables {
  readonly cosine: Tensor;
  readonly sine: Tensor;
}

/** Keys and values of one layer, (batch, key/value heads, positions, head width). */
export interface KeyValues {
  readonly keys: Tensor;
  readonly values: Tensor;
}

export interface LlamaCall {
  readonly tf: Tf;
  readonly config: LlamaConfig;
  readonly weights: LlamaTensors;
}

/** Where the queries of a call stand, and what they may look at. */
export interface Attending {
  /** Tables of the queries' own positions, broadcastable to (batch, heads, queries, head width / 2). */
  readonly rotary: RotaryTables;
  /** Added to the scores, broadcastable to (batch, heads, queries, keys): 0, or a large negative number. */
  readonly mask: Tensor;
  /** Joins a layer's new keys and values to those kept from before; the identity where nothing is kept. */
  readonly remember: (layer: number, fresh: KeyValues) => KeyValues;
}

/** Far below any score, and finite, so that no row becomes NaN. */
const masked = -1e9;

/**
 * Rotary angles position · θ^(−2i/d), in float64, for a table in the session's data.
 *
 * @returns float32 (positions, head width / 2) of cosines and of sines.
 * @see Su et al. 2021, RoFormer, equation 34; the halves of a head are rotated against each other, as Hugging Face stores it.
 */
export function rotaryTables(
  config: LlamaConfig,
  positions: number,
): { readonly cosine: Float32Array; readonly sine: Float32Array } {
  const half = config.headWidth / 2;
  const angle = (at: number) => Math.floor(at / half) * config.ropeTheta ** (-(at % half) / half);
  return {
    cosine: Float32Array.from({ length: positions * half }, (_, at) => Math.cos(angle(at))),
    sine: Float32Array.from({ length: positions * half }, (_, at) => Math.sin(angle(at))),
  };
}

/** Rotates each head of (batch, heads, queries, head width). */
export function rotate(tf: Tf, x: Tensor, { cosine, sine }: RotaryTables): Tensor {
  const [batch, heads, queries, width] = x.shape as [number, number, number, number];
  const half = width / 2;
  const first = tf.slice(x, [0, 0, 0, 0], [batch, heads, queries, half]);
  const second = tf.slice(x, [0, 0, 0, half], [batch, heads, queries, half]);
  return tf.concat(
    [tf.sub(tf.mul(first, cosine), tf.mul(second, sine)), tf.add(tf.mul(second, cosine), tf.mul(first, sine))],
    3,
  );
}

/** 0 where key ≤ query, a large negative number above the diagonal: (queries, keys). */
export function causalMask(tf: Tf, length: number): Tensor {
  const at = tf.range(0, length, 1, 'int32');
  return visible(tf, tf.lessEqual(tf.reshape(at, [1, length]), tf.reshape(at, [length, 1])));
}

/** 0 where true, a large negative number where false. */
export function visible(tf: Tf, allowed: Tensor): Tensor {
  return tf.mul(tf.sub(1, tf.cast(allowed, 'float32')), masked);
}

/** Self-attention over the tokens given and nothing else, from position 0. */
export function fromTheStart(tf: Tf, config: LlamaConfig, tables: RotaryTables, length: number): Attending {
  const rows = (table: Tensor) => tf.slice(table, [0, 0], [length, config.headWidth / 2]);
  return {
    rotary: { cosine: rows(tables.cosine), sine: rows(tables.sine) },
    mask: causalMask(tf, length),
    remember: (_layer, fresh) => fresh,
  };
}

/**
 * Hidden states after the last normalisation.
 *
 * @param tokens int32 (batch, length), padding on the right: no position sees what follows it.
 * @returns (batch, length, width)
 */
export function hiddenStates(call: LlamaCall, tokens: Tensor, attending: Attending): Tensor {
  const { tf, config, weights } = call;
  const [batch, length] = tokens.shape as [number, number];
  const flat = tf.gather(weights['model.embed_tokens.weight']!, tf.reshape(tokens, [batch * length]));
  let x = flat; // (batch · length, width)
  for (let layer = 0; layer < config.layers; layer++) {
    const prefix = `model.layers.${layer}`;
    const attended = attention(
      call,
      layer,
      normalised(call, x, `${prefix}.input_layernorm.weight`),
      [batch, length],
      attending,
    );
    x = tf.add(x, attended);
    x = tf.add(x, feedForward(call, prefix, normalised(call, x, `${prefix}.post_attention_layernorm.weight`)));
  }
  return tf.reshape(normalised(call, x, 'model.norm.weight'), [batch, length, config.width]);
}

/** Logits (rows, vocabulary) of hidden states (rows, width). */
export function logitsOf({ tf, config, weights }: LlamaCall, hidden: Tensor): Tensor {
  return tf.matMul(
    hidden,
    weights[config.tiedEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight']!,
    false,
    true,
  );
}

/** Root-mean-square normalisation over the last axis of (rows, width). */
function normalised({ tf, config, weights }: LlamaCall, x: Tensor, name: string): Tensor {
  const scale = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), config.normEpsilon));
  return tf.mul(tf.mul(x, scale), weights[name]!);
}

/** Multiplies rows by a matrix stored outputs first. */
function projected({ tf, weights }: LlamaCall, x: Tensor, name: string): Tensor {
  return tf.matMul(x, weights[name]!, false, true);
}

function attention(
  call: LlamaCall,
  layer: number,
  x: Tensor,
  [batch, length]: readonly [number, number],
  attending: Attending,
): Tensor {
  const { tf, config } = call;
  const { heads, keyValueHeads, headWidth } = config;
  const prefix = `model.layers.${layer}.self_attn`;
  const split = (name: string, count: number) =>
    tf.transpose(
      tf.reshape(projected(call, x, `${prefix}.${name}_proj.weight`), [batch, length, count, headWidth]),
      [0, 2, 1, 3],
    );
  // Scaled here rather than the scores, which are many more.
  const scaled = tf.mul(split('q', heads), 1 / Math.sqrt(headWidth));
  const queries = rotate(tf, scaled, attending.rotary); // (batch, heads, length, head width)
  const { keys, values } = attending.remember(layer, {
    keys: rotate(tf, split('k', keyValueHeads), attending.rotary),
    values: split('v', keyValueHeads),
  });
  const positions = keys.shape[2]!;
  // Query heads that share a key/value head stand one below the other: no copies of keys and values.
  const grouped = tf.reshape(queries, [batch, keyValueHeads, (heads / keyValueHeads) * length, headWidth]);
  const scores = tf.matMul(grouped, keys, false, true);
  const weighed = tf.softmax(tf.add(tf.reshape(scores, [batch, heads, length, positions]), attending.mask), -1);
  const mixed = tf.matMul(
    tf.reshape(weighed, [batch, keyValueHeads, (heads / keyValueHeads) * length, positions]),
    values,
  );
  const joined = tf.transpose(tf.reshape(mixed, [batch, heads, length, headWidth]), [0, 2, 1, 3]);
  return projected(call, tf.reshape(joined, [batch * length, heads * headWidth]), `${prefix}.o_proj.weight`);
}

/** down(silu(gate x) ⊙ up x) */
function feedForward(call: LlamaCall, prefix: string, x: Tensor): Tensor {
  const { tf } = call;
  const gate = projected(call, x, `${prefix}.mlp.gate_proj.weight`);
  const up = projected(call, x, `${prefix}.mlp.up_proj.weight`);
  return projected(call, tf.mul(tf.mul(gate, tf.sigmoid(gate)), up), `${prefix}.mlp.down_proj.weight`);
}
