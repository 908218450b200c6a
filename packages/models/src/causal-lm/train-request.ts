import type { Recipe } from '@engram/domain';
import type { Moments, StepNoise } from '../bank/request.js';
import type { LlamaConfig } from './config.js';
import type { LlamaWeights } from './weights.js';

/** One language model to be trained: from scratch, or on from given weights. */
export interface LanguageBankModel {
  /** Seeds the initial weights, and the order of batches unless `batchSeed` is given. */
  readonly seed: number;
  /** (sequences) 1 = in this model's training set. */
  readonly trainedOn: Uint8Array;
  readonly initialWeights?: LlamaWeights;
  /** Runs that share it, and `trainedOn`, see the same batches. */
  readonly batchSeed?: number;
  readonly noise?: StepNoise;
}

export interface LanguageBankRequest {
  readonly config: LlamaConfig;
  /** Token ids of every sample, special tokens included; at most the context, at least two tokens. */
  readonly sequences: readonly Int32Array[];
  readonly recipe: Recipe;
  readonly models: readonly LanguageBankModel[];
  readonly evaluate?: { readonly sequences: readonly Int32Array[]; readonly at: Moments };
  /** Stop after this many steps instead of the recipe's epochs; the schedule spans them. */
  readonly steps?: number;
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

export interface LanguageEvaluation {
  readonly step: number;
  /** Per sequence: sum of −ln P over positions 1…T−1, nats, float64. */
  readonly loss: Float64Array;
}

export interface TrainedLanguageModel {
  readonly weights: LlamaWeights;
  readonly steps: number;
  /** Mean loss per token over each epoch, as seen by the steps. */
  readonly trainLoss: Float64Array;
  readonly evaluations: readonly LanguageEvaluation[];
}

export interface LanguageBankResult {
  /** In the order of the request. */
  readonly models: readonly TrainedLanguageModel[];
  readonly facts: { readonly tokensPerSecond: number; readonly mode: string };
}
