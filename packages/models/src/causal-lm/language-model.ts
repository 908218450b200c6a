import type { InspectedModel } from '@engram/domain';

/** Log-probabilities of given tokens, one entry per sequence. Position 0 has no conditional: NaN, rank 0. */
export interface TokenSignals {
  /** (T) ln P(z_t | z_<t), nats. */
  readonly logProbability: Float64Array;
  /** (T) 1 = the most likely token; equal tokens rank by id, lowest first. */
  readonly rank: Int32Array;
  /** (T × K) log-probabilities of the K most likely tokens, descending; row 0 is NaN. */
  readonly topLogProbabilities: Float64Array;
  /** (T × K) their ids; row 0 is −1. */
  readonly topTokens: Int32Array;
}

/** Temperature, then top-k, then top-p, renormalised each time; greedy takes the most likely token, ties to the lowest id. */
export type Decoder =
  | { readonly kind: 'greedy' }
  | { readonly kind: 'sample'; readonly temperature?: number; readonly topK?: number; readonly topP?: number };

export interface GenerateOptions {
  readonly maxTokens: number;
  readonly decoder: Decoder;
  readonly seed: number;
  /** Generation of a prompt ends after any of these ids; default: none, so that every generation has `maxTokens`. */
  readonly stopTokens?: readonly number[];
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** A language model opened for scoring. Sequences are token ids, special tokens included. */
export interface OpenLanguageModel {
  readonly inspected: InspectedModel;
  /** Ids of a text, with the special tokens the tokenizer itself adds (its BOS policy: `bosTokens`). */
  encode(text: string, options?: { readonly special?: boolean }): Int32Array;
  decode(ids: ArrayLike<number>): string;
  /** Special tokens the tokenizer puts before every text; empty when it adds none. */
  readonly bosTokens: readonly number[];
  /** @throws ENG_SHAPE_MISMATCH a sequence longer than the context, or a token id outside the vocabulary. */
  tokenSignals(
    sequences: readonly Int32Array[],
    options?: { readonly topK?: number; readonly signal?: AbortSignal },
  ): Promise<TokenSignals[]>;
  /** Sum of −ln P over positions 1…T−1 of each sequence, nats; NaN for sequences shorter than two tokens. */
  sequenceLoss(sequences: readonly Int32Array[]): Promise<Float64Array>;
  /** Continuations of each prompt, without the prompt. Absent where the model cannot generate. */
  generate?(prompts: readonly Int32Array[], options: GenerateOptions): Promise<Int32Array[]>;
  dispose(): Promise<void>;
}
