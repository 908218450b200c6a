import type { NdArray } from '@engram/domain';
import type { LossesUnder } from './loss-under.js';
import type { MeasuredTarget } from './target-measure.js';

/**
 * What membership attacks read: one target, n samples, and where there are any, reference models and a population.
 * Everything was computed in float64 from evaluation-mode outputs.
 */
export interface MembershipSignals {
  /** (n) class indices. */
  readonly labels?: Int32Array;
  readonly target: TargetSignals;
  readonly reference?: ReferenceSignals;
  readonly population?: PopulationSignals;
  /** (n) 1 = a non-member set aside: thresholds, quantile models and weights are fitted on these alone, and no rate is
   * counted on them. */
  readonly calibration?: Uint8Array;
  /** (n, d) what the samples themselves show, for attacks that learn what is to be expected of a sample. */
  readonly covariates?: NdArray<Float64Array>;
}

export interface TargetSignals {
  /** (n) nats: cross-entropy, or for a sequence the mean over its tokens; for a regression the squared error. Absent of
   * a target that tells labels alone. */
  readonly loss?: Float64Array;
  /** Whether the losses are squared errors, which are no logarithms of a probability; absent: they are not. */
  readonly squaredError?: boolean;
  /** (n) nats: log p_y - log(1 - p_y), or for a sequence minus its loss; for a regression -log(e^2 + 1e-12). */
  readonly scaledConfidence?: Float64Array;
  /** (n, classes) nats; -Infinity where a probability is 0. */
  readonly logProbabilities?: NdArray<Float64Array>;
  /** In place of those, of a model of which no more was kept. */
  readonly probabilitySummary?: ProbabilitySummary;
  /** (n) 1 = the most likely class is the label. */
  readonly correct?: Uint8Array;
  /** (queries, n) nats: scaled confidence on each augmented form of a sample; form 0 is the sample itself. */
  readonly queryConfidence?: NdArray<Float64Array>;
  /** (forms, n) nats each; form 0 is the sample itself. */
  readonly lossUnder?: LossesUnder;
  readonly measured?: MeasuredTarget;
}

/**
 * What is kept of one model's probabilities of every class, which would be too many to keep of a bank: all that attacks
 * read of them. So an attack that reads the target's probabilities can be run on a reference model in its place.
 */
export interface ProbabilitySummary {
  /** (n) nats. */
  readonly entropy: Float32Array;
  /** (n) nats: Song and Mittal's, of the label. */
  readonly modifiedEntropy: Float64Array;
  /** (n) nats: the label's logit less the best of the others. */
  readonly margin: Float64Array;
  /** (n, k) the largest, descending; absent where no attack asks for them, for they are the most to hold. */
  readonly topProbabilities?: NdArray<Float32Array>;
}

/** The same signals from a bank of reference models, one row per model. */
export interface ReferenceSignals {
  readonly models: number;
  /** (models, n) 1 = this model trained on this sample. Used only to tell in from out. */
  readonly trainedOn: Uint8Array;
  /** (models, n) nats. */
  readonly loss: Float64Array;
  /** (models, n) nats. */
  readonly scaledConfidence?: Float64Array;
  /** (models, n) 1 = the most likely class is the label. */
  readonly correct?: Uint8Array;
  /** (models, n, k) the k = min(10, classes) largest probabilities, descending. */
  readonly topProbabilities?: NdArray<Float32Array>;
  /** (models, n) nats: entropy of the predicted distribution. */
  readonly entropy?: Float32Array;
  /** (models, n) nats. */
  readonly modifiedEntropy?: Float64Array;
  /** (models, n) nats: the label's logit less the best of the others. */
  readonly margin?: Float64Array;
  /** (models, queries, n) nats: scaled confidence on each augmented form of a sample; form 0 is the sample itself. */
  readonly queryConfidence?: NdArray<Float32Array>;
  /** (models, forms, n) nats each; form 0 is the sample itself. */
  readonly lossUnder?: LossesUnder;
  /** What they were asked further, by the key of the measure: (models, n). */
  readonly measured?: MeasuredTarget;
}

/** Samples of the same distribution, in neither the audit set nor the target's training set. */
export interface PopulationSignals {
  /** (nZ) nats. */
  readonly targetLoss: Float64Array;
  /** (models, nZ) nats, rows in the order of `reference`. */
  readonly referenceLoss: Float64Array;
  /** The same under other probabilities of the truth, by their keys. */
  readonly lossUnder?: Readonly<Record<string, Pick<PopulationSignals, 'targetLoss' | 'referenceLoss'>>>;
  /** (models, nZ) 1 = trained on; absent: no reference trained on any. */
  readonly trainedOn?: Uint8Array;
}

/** How many samples the signals are of, read off whatever the target told; 0 where it told nothing. */
export function sampleCount({ target, labels }: MembershipSignals): number {
  const { loss, scaledConfidence, correct, logProbabilities, queryConfidence, measured = {} } = target;
  const [taken] = Object.values(measured);
  return (
    (loss ?? scaledConfidence ?? correct)?.length ??
    logProbabilities?.shape[0] ??
    queryConfidence?.shape[1] ??
    taken?.shape.at(-1) ??
    labels?.length ??
    0
  );
}
