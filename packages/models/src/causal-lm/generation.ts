import { EngramError } from '@engram/domain';
import type { Engine, Program, StateSpec } from '@engram/engine';
import { createRandom, deriveSeed } from '@engram/numeric';
import type { Tensor } from '../tensors.js';
import type { LlamaConfig } from './config.js';
import { drawToken } from './decoding.js';
import type { GenerateOptions } from './language-model.js';
import { causalMask, hiddenStates, type KeyValues, logitsOf, visible } from './llama.js';
import { openLlamaSession } from './llama-session.js';
import type { LlamaWeights } from './weights.js';

/** Bytes of keys and values held for one batch. */
const cacheBytes = 256 * 1024 * 1024;
const largestBatch = 256;

/** How many sequences decode together and how many positions their cache holds. */
interface CacheShape {
  readonly batch: number;
  readonly positions: number;
}

const cacheName = (kind: 'keys' | 'values', layer: number) => `cache.${kind}.${layer}`;

function cacheState(config: LlamaConfig, { batch, positions }: CacheShape): Record<string, StateSpec> {
  const shape = [batch, config.keyValueHeads, positions, config.headWidth];
  return Object.fromEntries(
    Array.from({ length: config.layers }, (_, layer) =>
      (['keys', 'values'] as const).map((kind): [string, StateSpec] => [
        cacheName(kind, layer),
        { shape, dtype: 'float32' },
      ]),
    ).flat(),
  );
}

/** Reads prompts (padded on the right) into the cache; gives the logits after each prompt's last token. */
function prefillProgram(config: LlamaConfig, { batch, positions }: CacheShape, length: number): Program {
  return {
    inputs: { tokens: { shape: [batch, length], dtype: 'int32' }, last: { shape: [batch], dtype: 'int32' } },
    run({ tf, state, data, inputs }) {
      const call = { tf, config, weights: state };
      const kept: Record<string, Tensor> = {};
      const rows = (table: Tensor) => tf.slice(table, [0, 0], [length, config.headWidth / 2]);
      const pad = (x: Tensor) =>
        tf.pad(x, [
          [0, 0],
          [0, 0],
          [0, positions - length],
          [0, 0],
        ]);
      const hidden = hiddenStates(call, inputs.tokens!, {
        rotary: { cosine: rows(data.cosine!), sine: rows(data.sine!) },
        mask: causalMask(tf, length),
        remember: (layer, fresh) => {
          kept[cacheName('keys', layer)] = pad(fresh.keys);
          kept[cacheName('values', layer)] = pad(fresh.values);
          return fresh;
        },
      });
      const isLast = tf.cast(tf.oneHot(inputs.last!, length), 'float32');
      const ends = tf.reshape(tf.matMul(tf.reshape(isLast, [batch, 1, length]), hidden), [batch, config.width]);
      return { state: kept, outputs: { logits: logitsOf(call, ends) } };
    },
  };
}

/** One token for every sequence of the batch, each at its own position: the cost of a step does not grow with the text. */
function decodeProgram(config: LlamaConfig, { batch, positions }: CacheShape): Program {
  return {
    inputs: { tokens: { shape: [batch, 1], dtype: 'int32' }, at: { shape: [batch], dtype: 'int32' } },
    run({ tf, state, data, inputs }) {
      const call = { tf, config, weights: state };
      const kept: Record<string, Tensor> = {};
      const row = (table: Tensor) => tf.reshape(tf.gather(table, inputs.at!), [batch, 1, 1, config.headWidth / 2]);
      const isHere = tf.reshape(tf.cast(tf.oneHot(inputs.at!, positions), 'float32'), [batch, 1, positions, 1]);
      const isElsewhere = tf.sub(1, isHere);
      const join = (kind: 'keys' | 'values', layer: number, fresh: Tensor) => {
        const name = cacheName(kind, layer);
        const joined = tf.add(tf.mul(state[name]!, isElsewhere), tf.mul(fresh, isHere));
        kept[name] = joined;
        return joined;
      };
      const until = tf.lessEqual(
        tf.reshape(tf.range(0, positions, 1, 'int32'), [1, positions]),
        tf.reshape(inputs.at!, [batch, 1]),
      );
      const hidden = hiddenStates(call, inputs.tokens!, {
        rotary: { cosine: row(data.cosine!), sine: row(data.sine!) },
        mask: tf.reshape(visible(tf, until), [batch, 1, 1, positions]),
        remember: (layer, fresh): KeyValues => ({
          keys: join('keys', layer, fresh.keys),
          values: join('values', layer, fresh.values),
        }),
      });
      return { state: kept, outputs: { logits: logitsOf(call, tf.reshape(hidden, [batch, config.width])) } };
    },
  };
}

/** Continues prompts. Every prompt draws from a stream of its own, so a generation does not depend on its neighbours. */
export interface Generator {
  generate(prompts: readonly Int32Array[], options: GenerateOptions): Promise<Int32Array[]>;
  dispose(): void;
}

export function openGenerator(engine: Engine, config: LlamaConfig, weights: LlamaWeights): Generator {
  let current: { readonly key: string; readonly session: ReturnType<typeof openLlamaSession> } | undefined;

  /** One session per cache shape; the one before goes. */
  function sessionFor(shape: CacheShape) {
    const key = `${shape.batch}x${shape.positions}`;
    if (current?.key !== key) {
      current?.session.dispose();
      current = { key, session: openLlamaSession(engine, config, weights, 'generation', cacheState(config, shape)) };
    }
    return current.session;
  }

  async function generateBatch(
    prompts: readonly Int32Array[],
    indices: readonly number[],
    shape: CacheShape,
    options: GenerateOptions,
  ): Promise<Int32Array[]> {
    const { batch } = shape;
    const session = sessionFor(shape);
    const longest = Math.max(...indices.map((index) => prompts[index]!.length));
    const length = Math.min(shape.positions, Math.ceil(longest / 32) * 32);
    const prefill = `prefill ${length}`;
    session.prepare({
      [prefill]: () => prefillProgram(config, shape, length),
      decode: () => decodeProgram(config, shape),
    });
    const tokens = new Int32Array(batch * length);
    const last = new Int32Array(batch);
    indices.forEach((index, row) => {
      tokens.set(prompts[index]!, row * length);
      last[row] = prompts[index]!.length - 1;
    });
    const streams = indices.map((index) => createRandom(deriveSeed(options.seed, 'generation', index)));
    const stops = new Set(options.stopTokens ?? []);
    const generations: number[][] = indices.map(() => []);
    const finished = indices.map(() => false);
    let logits = session.run(prefill, { tokens, last }).logits!.data as Float32Array;
    const next = new Int32Array(batch);
    const at = Int32Array.from(last, (position) => position + 1);
    for (let step = 0; ; step++) {
      indices.forEach((_, row) => {
        if (finished[row]) return;
        const token = drawToken(
          logits.subarray(row * config.vocabularySize, (row + 1) * config.vocabularySize),
          options.decoder,
          streams[row]!,
        );
        generations[row]!.push(token);
        next[row] = token;
        finished[row] = stops.has(token) || generations[row]!.length >= options.maxTokens;
      });
      if (finished.every(Boolean)) return generations.map((generation) => Int32Array.from(generation));
      logits = session.run('decode', { tokens: next, at }).logits!.data as Float32Array;
      for (let row = 0; row < batch; row++) at[row] = Math.min(at[row]! + 1, shape.positions - 1);
      if (step % 16 === 15) await breathe(options.signal);
    }
  }

  return {
    async generate(prompts, options) {
      checkPrompts(prompts, options.maxTokens, config);
      const results: Int32Array[] = new Array(prompts.length);
      if (prompts.length === 0 || options.maxTokens === 0) return prompts.map(() => new Int32Array(0));
      const needed = Math.max(...prompts.map((prompt) => prompt.length)) + options.maxTokens;
      const positions = Math.min(config.contextLength, Math.ceil(needed / 32) * 32);
      const bytesEach = 8 * config.layers * config.keyValueHeads * positions * config.headWidth;
      const batch = Math.max(1, Math.min(prompts.length, largestBatch, Math.floor(cacheBytes / bytesEach)));
      // Prompts of like length stand together, so that little padding is read.
      const order = prompts.map((_, index) => index).sort((a, b) => prompts[a]!.length - prompts[b]!.length || a - b);
      for (let start = 0; start < order.length; start += batch) {
        const indices = order.slice(start, start + batch);
        const generated = await generateBatch(prompts, indices, { batch, positions }, options);
        indices.forEach((index, row) => {
          results[index] = generated[row]!;
        });
        options.onProgress?.(Math.min(1, (start + batch) / order.length));
        await breathe(options.signal);
      }
      return results;
    },
    dispose() {
      current?.session.dispose();
      current = undefined;
    },
  };
}

async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted) throw new EngramError('ENG_AUDIT_CANCELLED', 'generation was stopped on request');
}

function checkPrompts(prompts: readonly Int32Array[], maxTokens: number, config: LlamaConfig): void {
  prompts.forEach((prompt, index) => {
    if (prompt.length === 0 || prompt.length + maxTokens > config.contextLength)
      throw new EngramError(
        'ENG_SHAPE_MISMATCH',
        `prompt ${index} has ${prompt.length} tokens and ${maxTokens} are asked for; a prompt needs at least one, and the context holds ${config.contextLength}`,
        { remedy: 'Begin prompts with the BOS token, and shorten prompt or generation.' },
      );
  });
}
