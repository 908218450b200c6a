import type { NdArray, Recipe } from '@engram/domain';
import type { Network } from '../network/network.js';

/** Weights of one model by their saved names, in the network's order. */
export type ModelWeights = Readonly<Record<string, NdArray<Float32Array>>>;

/** Gaussian noise on every trainable weight after each step, and the clipping that goes with it. */
export interface StepNoise {
  /** Standard deviation per coordinate, added to the parameters. */
  readonly std: number;
  readonly seed: number;
  /** Largest Euclidean norm of the batch gradient over all weights; larger gradients are scaled down to it. */
  readonly clip?: number;
}

/** What samples are taught as, (n): classes of a classifier, or targets of a regression. */
export type Labels = Int32Array | Float64Array;

/** One model of a bank. */
export interface BankModel<L extends Labels = Int32Array> {
  /** Seeds the initial weights, dropout, and the order of batches and the forms drawn unless `batchSeed` is given. */
  readonly seed: number;
  /** (n) 1 = this sample is in the model's training set. */
  readonly trainedOn: Uint8Array;
  /** (n) what this model is taught and recorded against, instead of the request's. */
  readonly labels?: L;
  /** Where to start; drawn by the layers' own initializers from `seed` when absent. */
  readonly initialWeights?: ModelWeights;
  /** Runs that share it, and `trainedOn`, see the same batches, in the same forms where the recipe augments. */
  readonly batchSeed?: number;
  readonly noise?: StepNoise;
}

/**
 * When to look at a model during training: after the last step, after every epoch, or after given numbers of steps
 * (0 = before training). Steps beyond a model's last are answered by its last.
 */
export type Moments = 'end' | 'epochs' | readonly number[];

export interface BankRequest<L extends Labels = Int32Array> {
  readonly network: Network;
  /** (n, …input shape) */
  readonly inputs: NdArray;
  readonly labels: L;
  readonly recipe: Recipe;
  readonly models: readonly BankModel<L>[];
  /** Samples every model is evaluated on. */
  readonly evaluate?: { readonly inputs: NdArray; readonly labels: L; readonly at: Moments };
  /** Steps at which per-sample gradients of the training inputs (all n, whatever the mask) are recorded. */
  readonly record?: { readonly at: Moments };
  /** Stop after this many steps instead of the recipe's epochs; the schedule spans them. 0 only looks at the weights. */
  readonly steps?: number;
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** What evaluation saw at one moment; arrays have one entry per evaluated sample. */
export type BankEvaluation<L extends Labels = Int32Array> = L extends Int32Array
  ? ClassEvaluation
  : PredictionEvaluation;

export interface ClassEvaluation {
  readonly step: number;
  /** Cross-entropy in nats, float64. */
  readonly loss: Float64Array;
  /** log p_y − log(1 − p_y), float64. */
  readonly scaledConfidence: Float64Array;
  /** 1 = the most likely class is the label (ties: the lowest class). */
  readonly correct: Uint8Array;
  /** The most likely class (ties: the lowest). */
  readonly predicted: Int32Array;
}

export interface PredictionEvaluation {
  readonly step: number;
  /** (y − f)², float64. */
  readonly loss: Float64Array;
  /** −log((y − f)² + 1e-12), float64. */
  readonly scaledConfidence: Float64Array;
  readonly predicted: Float32Array;
}

/** Per-sample quantities at one moment, evaluation mode, against the labels the model is taught; arrays have n entries. */
export type BankRecord<L extends Labels = Int32Array> = L extends Int32Array ? ClassRecord : PredictionRecord;

export interface PredictionRecord {
  readonly step: number;
  /** ‖∇θ ℓ‖₂ over all trainable weights, float64. */
  readonly gradientNorm: Float64Array;
  readonly loss: Float64Array;
}

export interface ClassRecord extends PredictionRecord {
  /** ‖softmax(z) − e_y‖₂ */
  readonly el2n: Float64Array;
  readonly correct: Uint8Array;
}

export interface TrainedModel<L extends Labels = Int32Array> {
  readonly weights: ModelWeights;
  /** Optimizer steps taken. */
  readonly steps: number;
  /** Mean training loss over each epoch, as seen by the steps. */
  readonly trainLoss: Float64Array;
  readonly evaluations: readonly BankEvaluation<L>[];
  readonly records: readonly BankRecord<L>[];
}

export interface BankResult<L extends Labels = Int32Array> {
  /** In the order of the request. */
  readonly models: readonly TrainedModel<L>[];
  /** How the bank ran: models per graph, steps per call, sample-steps per second. */
  readonly facts: {
    readonly modelsPerGraph: number;
    readonly stepsPerCall: number;
    readonly sampleStepsPerSecond: number;
    readonly mode: string;
  };
}
