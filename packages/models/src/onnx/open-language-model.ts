import type { InspectedModel, ModelSource } from '@engram/domain';
import { EngramError } from '@engram/domain';
import { logSoftmaxRow } from '@engram/numeric';
import type { OpenLanguageModel, TokenSignals } from '../causal-lm/language-model.js';
import { byLength, checkSequences, paddedLengths } from '../causal-lm/lengths.js';
import { emptySignals, lossOfSignals, withTokenizer } from '../causal-lm/open-llama.js';
import { readTokenizer } from '../causal-lm/tokenizer.js';
import { type OnnxRuntime, onnxFile, openSession } from './session.js';

/** Logits of one call: bounds memory. */
const logitsPerCall = 32 * 1024 * 1024;

/** Opens an ONNX language model for scoring: int64 ids in, logits out, no cache; padded on the right. */
export async function openOnnxLanguageModel(
  source: ModelSource,
  inspected: InspectedModel,
  runtime: OnnxRuntime,
  threads = 1,
): Promise<OpenLanguageModel> {
  const file = onnxFile(source);
  const tokenizer = await readTokenizer(source, file.path.slice(0, file.path.lastIndexOf('/') + 1));
  const session = await openSession(runtime, await source.read(file.path), threads);
  const vocabulary = inspected.vocabularySize!;

  async function tokenSignals(
    sequences: readonly Int32Array[],
    options: { readonly topK?: number; readonly signal?: AbortSignal } = {},
  ): Promise<TokenSignals[]> {
    checkSequences(sequences, vocabulary, inspected.contextLength ?? Number.POSITIVE_INFINITY);
    const topK = Math.min(options.topK ?? 0, vocabulary);
    const signals = sequences.map((sequence) => emptySignals(sequence.length, topK));
    const lengths = sequences.map((sequence) => sequence.length);
    for (const [padded, indices] of byLength(lengths, paddedLengths(lengths))) {
      const batch = Math.max(1, Math.floor(logitsPerCall / (padded * vocabulary)));
      for (let start = 0; start < indices.length; start += batch) {
        const rows = indices.slice(start, start + batch);
        const length = Math.max(...rows.map((index) => lengths[index]!));
        const ids = new BigInt64Array(rows.length * length);
        rows.forEach((index, row) => {
          sequences[index]!.forEach((token, position) => {
            ids[row * length + position] = BigInt(token);
          });
        });
        const feeds = { [session.inputNames[0]!]: new runtime.Tensor('int64', ids, [rows.length, length]) };
        const logits = (await session.run(feeds))[session.outputNames[0]!]!.data as Float32Array;
        rows.forEach((index, row) => {
          fill(
            signals[index]!,
            sequences[index]!,
            logits.subarray(row * length * vocabulary, (row + 1) * length * vocabulary),
            vocabulary,
            topK,
          );
        });
        if (options.signal?.aborted) throw new EngramError('ENG_AUDIT_CANCELLED', 'scoring was stopped on request');
      }
    }
    return signals;
  }

  return {
    inspected,
    ...withTokenizer(tokenizer),
    tokenSignals,
    sequenceLoss: async (sequences) => Float64Array.from(await tokenSignals(sequences), lossOfSignals),
    dispose: () => session.release(),
  };
}

function fill(
  signals: TokenSignals,
  sequence: Int32Array,
  logits: Float32Array,
  vocabulary: number,
  topK: number,
): void {
  const row = new Float64Array(vocabulary);
  for (let position = 1; position < sequence.length; position++) {
    const target = sequence[position]!;
    // The logits that predict a token stand one position before it.
    const before = logits.subarray((position - 1) * vocabulary, position * vocabulary);
    logSoftmaxRow(before, row);
    signals.logProbability[position] = row[target]!;
    let rank = 1;
    for (let token = 0; token < vocabulary; token++)
      if (before[token]! > before[target]! || (before[token] === before[target] && token < target)) rank++;
    signals.rank[position] = rank;
    if (topK === 0) continue;
    const order = Array.from(row.keys()).sort((a, b) => before[b]! - before[a]! || a - b);
    for (let k = 0; k < topK; k++) {
      signals.topLogProbabilities[position * topK + k] = row[order[k]!]!;
      signals.topTokens[position * topK + k] = order[k]!;
    }
  }
}
