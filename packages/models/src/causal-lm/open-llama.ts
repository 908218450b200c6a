import { EngramError, type InspectedModel, type ModelSource } from '@engram/domain';
import type { Engine } from '@engram/engine';
import type { LlamaConfig } from './config.js';
import { openGenerator } from './generation.js';
import { readLlamaDirectory } from './inspect.js';
import type { OpenLanguageModel, TokenSignals } from './language-model.js';
import { byLength, checkSequences, paddedLengths } from './lengths.js';
import { openLlamaSession, plainGraphMode } from './llama-session.js';
import { scoringProgram } from './scoring.js';
import type { Tokenizer } from './tokenizer.js';
import { type LlamaWeights, readLlamaWeights } from './weights.js';

/** Logits of one call: bounds memory. */
const logitsPerCall = 32 * 1024 * 1024;
const tokensPerCall = 16_384;

/** Scores and generates with weights at hand. */
export type LlamaModel = Pick<OpenLanguageModel, 'tokenSignals' | 'sequenceLoss' | 'dispose'> &
  Required<Pick<OpenLanguageModel, 'generate'>>;

/** Opens a Hugging Face Llama directory on the engine. */
export async function openLlama(
  source: ModelSource,
  inspected: InspectedModel,
  engine: Engine,
): Promise<OpenLanguageModel> {
  const { folder, config, tokenizer } = await readLlamaDirectory(source);
  return {
    inspected,
    ...withTokenizer(tokenizer),
    ...openLlamaWeights(engine, config, await readLlamaWeights(source, folder, config)),
  };
}

export function withTokenizer(tokenizer: Tokenizer) {
  return { bosTokens: tokenizer.prefixIds, encode: tokenizer.encode, decode: tokenizer.decode };
}

/** Opens weights that need not have been uploaded: those of a reference model, say. */
export function openLlamaWeights(engine: Engine, config: LlamaConfig, weights: LlamaWeights): LlamaModel {
  const session = openLlamaSession(engine, config, weights, 'language model');
  const mode = plainGraphMode(engine, config);
  const generator = openGenerator(engine, config, weights);

  async function tokenSignals(
    sequences: readonly Int32Array[],
    options: { readonly topK?: number; readonly signal?: AbortSignal } = {},
  ): Promise<TokenSignals[]> {
    checkSequences(sequences, config.vocabularySize, config.contextLength);
    const topK = Math.min(options.topK ?? 0, config.vocabularySize);
    const signals = sequences.map((sequence) => emptySignals(sequence.length, topK));
    const lengths = sequences.map((sequence) => sequence.length);
    const groups = [...byLength(lengths, paddedLengths(lengths))].map(([length, indices]) => {
      const batch = batchFor(length, indices.length, config.vocabularySize);
      return { length, indices, batch, program: `score ${batch} ${length} ${topK}` };
    });
    session.prepare(
      Object.fromEntries(
        groups.map(({ program, batch, length }) => [program, () => scoringProgram(config, batch, length, topK, mode)]),
      ),
    );
    for (const { length, indices, batch, program } of groups) {
      for (let start = 0; start < indices.length; start += batch) {
        const rows = indices.slice(start, start + batch);
        const tokens = new Int32Array(batch * length);
        rows.forEach((index, row) => {
          tokens.set(sequences[index]!, row * length);
        });
        const outputs = session.run(program, { tokens });
        rows.forEach((index, row) => {
          fillSignals(signals[index]!, outputs, row * (length - 1), topK);
        });
        await new Promise((resolve) => setImmediate(resolve));
        if (options.signal?.aborted) throw new EngramError('ENG_AUDIT_CANCELLED', 'scoring was stopped on request');
      }
    }
    return signals;
  }

  return {
    tokenSignals,
    sequenceLoss: async (sequences) => Float64Array.from(await tokenSignals(sequences), lossOfSignals),
    generate: (prompts, options) => {
      checkSequences(prompts, config.vocabularySize, config.contextLength);
      return generator.generate(prompts, options);
    },
    dispose: async () => {
      session.dispose();
      generator.dispose();
    },
  };
}

/** Sequences of one call: bounded by memory, and a power of two where there are few, so that programs are used again. */
function batchFor(length: number, count: number, vocabularySize: number): number {
  const most = Math.min(64, Math.floor(tokensPerCall / length), Math.floor(logitsPerCall / (length * vocabularySize)));
  return Math.max(1, Math.min(most, 2 ** Math.ceil(Math.log2(count))));
}

/** Position 0 has no conditional. */
export function emptySignals(length: number, topK: number): TokenSignals {
  return {
    logProbability: new Float64Array(length).fill(Number.NaN, 0, 1),
    rank: new Int32Array(length),
    topLogProbabilities: new Float64Array(length * topK).fill(Number.NaN, 0, topK),
    topTokens: new Int32Array(length * topK).fill(-1, 0, topK),
  };
}

function fillSignals(
  signals: TokenSignals,
  outputs: Readonly<Record<string, { readonly data: ArrayLike<number> }>>,
  first: number,
  topK: number,
): void {
  const { logProbability, rank, topLogProbabilities, topTokens } = outputs;
  for (let position = 1; position < signals.rank.length; position++) {
    const row = first + position - 1;
    signals.logProbability[position] = logProbability!.data[row]!;
    signals.rank[position] = rank!.data[row]!;
    for (let k = 0; k < topK; k++) {
      signals.topLogProbabilities[position * topK + k] = topLogProbabilities!.data[row * topK + k]!;
      signals.topTokens[position * topK + k] = topTokens!.data[row * topK + k]!;
    }
  }
}

/** Sum of −ln P over a sequence, in float64; NaN when there is nothing to sum. */
export function lossOfSignals({ logProbability }: TokenSignals): number {
  if (logProbability.length < 2) return Number.NaN;
  return -logProbability.subarray(1).reduce((sum, each) => sum + each, 0);
}
