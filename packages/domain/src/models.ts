import type { Ability } from './abilities.js';
import type { Json, NdArray } from './arrays.js';
import type { Digest } from './artifacts.js';

export const modelKinds = ['tfjs-layers', 'onnx', 'causal-lm'] as const;
export type ModelKind = (typeof modelKinds)[number];

export const modelTasks = ['classification', 'regression', 'causal-lm'] as const;
export type ModelTask = (typeof modelTasks)[number];

/**
 * Changes of an image drawn anew in every epoch: the image or its mirror image; the image where it is or moved by a pixel in
 * any of eight directions.
 */
export const augmentations = ['mirror', 'shift'] as const;
export type Augmentation = (typeof augmentations)[number];

/** How the target was trained, and so how references are. */
export interface Recipe {
  readonly optimizer: {
    readonly kind: 'sgd' | 'momentum' | 'adam' | 'adamw';
    readonly learningRate: number;
    /** momentum only; 0.9 when absent. */
    readonly momentum?: number;
  };
  readonly epochs: number;
  readonly batchSize: number;
  /** Squared error for regressions, without a factor of a half; cross-entropy for all else. */
  readonly loss: 'crossEntropy' | 'meanSquaredError';
  readonly weightDecay: number;
  readonly schedule: 'constant' | 'cosine' | 'linear';
  /** Empty, or on images. */
  readonly augmentation: readonly Augmentation[];
  readonly seed: number;
}

/**
 * What a model's numbers are: of each class; `labels`, the class it says and nothing else; or `prediction`, the one number a
 * regression predicts.
 */
export const outputMeanings = ['logits', 'probabilities', 'labels', 'prediction'] as const;
export type OutputMeaning = (typeof outputMeanings)[number];

/** The dense layer that gives a classifier's logits, or the prediction of a regression. */
export interface LastDenseLayer {
  /** Inputs of the layer; null where only running the model tells. */
  readonly width: number | null;
  /** `softmax`: a unit for every class. `sigmoid`: one unit, the logit of the second of two classes. `linear`: one unit, the
   * prediction. */
  readonly head: 'softmax' | 'sigmoid' | 'linear';
  readonly bias: boolean;
  /** The graph's output that gives what the layer reads, where it is one of several. */
  readonly featuresOutput?: string;
}

/** What was found inside an uploaded model. Shapes leave out the batch axis; null = any length. */
export interface InspectedModel {
  readonly kind: ModelKind;
  readonly task: ModelTask;
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly (number | null)[];
    readonly dtype: string;
  }[];
  readonly output: { readonly shape: readonly (number | null)[]; readonly meaning: OutputMeaning };
  /** Of classifiers only; absent where one tells class indices and not how many there are. */
  readonly classCount?: number;
  readonly vocabularySize?: number;
  readonly contextLength?: number;
  readonly parameterCount: number;
  readonly abilities: readonly Ability[];
  /** The last dense layer, where what it reads can be had: the ability `features`. */
  readonly lastLayer?: LastDenseLayer;
  /** Of a regression that is one dense unit on its input: a linear regression. */
  readonly linearUnit?: { readonly width: number; readonly bias: boolean };
  /** Steps of the training run whose weights came along, when the upload recorded its training. */
  readonly checkpoints?: readonly number[];
  readonly digest: Digest;
}

/** The files of an uploaded model. Paths are relative, with forward slashes, and were checked at upload. */
export interface ModelSource {
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly digest: Digest }[];
  read(path: string): Promise<Uint8Array>;
  localPath(path: string): Promise<string>;
}

/** An opened classifier or regression. Rows go in with the model's input shape, batch axis first. */
export interface OpenPredictor {
  readonly inspected: InspectedModel;
  /**
   * @returns float32 (n, classes), or (n, 1) of a regression or of class indices, as `inspected.output.meaning` says;
   *   evaluation mode.
   */
  outputs(inputs: NdArray): Promise<NdArray<Float32Array>>;
  /** There when `inspected.lastLayer` is. */
  lastLayer?(inputs: NdArray): Promise<LastLayerRows>;
  dispose(): Promise<void>;
}

/** What a classifier's last dense layer read and what the model answered, float32, row by row. */
export interface LastLayerRows {
  /** (n, width) */
  readonly features: NdArray<Float32Array>;
  /** (n, classes), as `outputs`. */
  readonly outputs: NdArray<Float32Array>;
}

/** An uploaded model as everything after the upload sees it: also stored as a JSON artifact, so that workers need no SQL. */
export interface StoredModel {
  readonly id: string;
  readonly name: string;
  /** The manifest as parsed, defaults filled in. */
  readonly manifest: { readonly [key: string]: Json };
  readonly inspected: InspectedModel;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly digest: Digest }[];
}
