/**
 * What was seen of each sample while a model was trained, at some moments of one run. Rows are moments, columns samples.
 */
export interface TrainingTrajectory {
  /** (moments) training steps done when the moment was recorded, increasing. */
  readonly steps: ArrayLike<number>;
  readonly totalSteps: number;
  /** (moments) how many steps each moment stands for; absent: up to halfway to its neighbours. */
  readonly represents?: ArrayLike<number>;
  /** Samples per step, as expected. */
  readonly batchSize: number;
  /** Samples the run trained on. */
  readonly trainingSize: number;
  /** (moments) step size; absent: constant, and only ratios of P2 mean anything. */
  readonly learningRates?: ArrayLike<number>;
  /** (moments, n) nats. */
  readonly loss?: Float64Array;
  /** (moments, n) norm of the loss's gradient with respect to all weights, before any clipping. */
  readonly gradientNorm?: Float64Array;
  /** (moments, n) norm of softmax(z) - onehot(y), in [0, sqrt 2]. */
  readonly el2n?: Float64Array;
  /** (moments, n) 1 = predicted right. */
  readonly correct?: ArrayLike<number>;
}

/** The same quantities at the final weights alone. */
export interface FinalModel {
  /** (n) nats. */
  readonly loss?: Float64Array;
  /** (n). */
  readonly gradientNorm?: Float64Array;
  /** (n). */
  readonly el2n?: Float64Array;
}

/** What estimators of unlearning difficulty read. */
export interface DifficultySignals {
  /** n, the samples estimated. */
  readonly samples: number;
  /** (n) identical copies of each sample in the training set, itself included; absent: 1. */
  readonly copies?: ArrayLike<number>;
  readonly trajectory?: TrainingTrajectory;
  readonly finalModel?: FinalModel;
}

export type TrajectorySignal = 'loss' | 'gradientNorm' | 'el2n' | 'correct';
export type FinalSignal = keyof FinalModel;
