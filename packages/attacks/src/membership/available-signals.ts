import { inclusionCounts } from './inclusion-counts.js';
import type { LossesUnder, ProbabilityOfTruth } from './loss-under.js';
import { type MembershipSignals, sampleCount } from './signals.js';
import { type MeasuredTarget, type MeasureKind, measureKinds } from './target-measure.js';

/** What a target, its data and its references offer, counted but not yet computed; what is absent is not to be had. */
export interface AvailableSignals {
  readonly labels: boolean;
  readonly loss: boolean;
  readonly scaledConfidence: boolean;
  /** The target is a regression: it predicts a number, and its losses are squared errors. */
  readonly squaredError?: boolean;
  readonly probabilities: boolean;
  readonly correct?: boolean;
  /** Probabilities of the truth other than the usual one under which losses of target and references can be taken. */
  readonly lossUnder?: readonly ProbabilityOfTruth['kind'][];
  readonly covariates?: boolean;
  /** The largest probabilities of reference models, their entropy, and whether they are right. */
  readonly referenceProbabilities?: boolean;
  readonly reference?: AvailableReferences;
  /** Population samples whose losses under the target and its references can be compared; 0 for none. */
  readonly population: number;
  /** Non-members set aside; 0 for none. */
  readonly calibration?: number;
  /** Augmented forms that can be asked of target and references; 1 = the sample alone. */
  readonly queries?: number;
  /** How many of those, in order, training drew from too; absent or 1 = the sample alone. */
  readonly trainedForms?: number;
  readonly measures?: readonly MeasureKind[];
  /** Measures that can be taken of every reference model too. */
  readonly referenceMeasures?: readonly MeasureKind[];
}

export interface AvailableReferences {
  readonly models: number;
  readonly loss: boolean;
  readonly scaledConfidence: boolean;
  /** Models trained with a sample: the least and the most over samples. */
  readonly leastIn: number;
  readonly mostIn: number;
  readonly leastOut: number;
  readonly mostOut: number;
}

/** What a bank trained on complementary halves will offer: every sample in half of the models. */
export function balancedReferences(models: number): AvailableReferences {
  const fewer = Math.floor(models / 2);
  const more = models - fewer;
  return {
    models,
    loss: true,
    scaledConfidence: true,
    leastIn: fewer,
    mostIn: more,
    leastOut: fewer,
    mostOut: more,
  };
}

/** What the given signals offer. */
export function availableSignals(signals: MembershipSignals): AvailableSignals {
  const { labels, target, reference, population, calibration, covariates } = signals;
  const under = kindsUnder(target.lossUnder, reference?.lossUnder);
  return {
    labels: labels !== undefined,
    loss: target.loss !== undefined,
    scaledConfidence: target.scaledConfidence !== undefined,
    ...(target.squaredError === true ? { squaredError: true } : {}),
    probabilities: target.logProbabilities !== undefined || target.probabilitySummary !== undefined,
    correct: target.correct !== undefined,
    ...(under.length === 0 ? {} : { lossUnder: under }),
    covariates: covariates !== undefined,
    referenceProbabilities: [reference?.topProbabilities, reference?.entropy, reference?.correct].every(
      (signal) => signal !== undefined,
    ),
    calibration: calibration?.reduce((sum, mark) => sum + mark, 0) ?? 0,
    queries: Math.min(target.queryConfidence?.shape[0] ?? 1, reference?.queryConfidence?.shape[1] ?? 1),
    measures: kindsOf(target.measured),
    referenceMeasures: kindsOf(reference?.measured),
    ...(reference === undefined
      ? {}
      : {
          reference: {
            models: reference.models,
            loss: true,
            scaledConfidence: reference.scaledConfidence !== undefined,
            ...inclusionRange(reference.trainedOn, reference.models, sampleCount(signals)),
          },
        }),
    population: population?.targetLoss.length ?? 0,
  };
}

/** Those there of the target and of references alike. */
function kindsUnder(target: LossesUnder = {}, reference: LossesUnder = {}): ProbabilityOfTruth['kind'][] {
  const keys = Object.keys(target).filter((key) => key in reference);
  return (['softmax', 'taylor'] as const).filter((kind) => keys.some((key) => key.startsWith(`${kind}:`)));
}

function kindsOf(measured: MeasuredTarget = {}): MeasureKind[] {
  const taken = Object.keys(measured);
  return measureKinds.filter((kind) => taken.some((key) => key.startsWith(`${kind}:`)));
}

function inclusionRange(trainedOn: Uint8Array, models: number, n: number) {
  const counts = inclusionCounts(trainedOn, models, n);
  let least = models;
  let most = 0;
  for (const count of counts) {
    if (count < least) least = count;
    if (count > most) most = count;
  }
  return { leastIn: least, mostIn: most, leastOut: models - most, mostOut: models - least };
}
