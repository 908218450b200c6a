import type { NdArray } from '@engram/domain';
import { lossFromLogits } from '@engram/numeric';
import { taylorSoftmaxLoss } from './taylor-softmax.js';

/** How the probability of the truth is made of logits, where it is not their softmax as they are. */
export interface ProbabilityOfTruth {
  /** `taylor`: exp replaced by its cubic polynomial, with a soft margin; needs the logits themselves. */
  readonly kind: 'softmax' | 'taylor';
  /** Divides the logits. */
  readonly temperature: number;
}

/** Losses under several probabilities of the truth, by their keys: each (forms, n) nats, of reference models (models, forms, n). */
export type LossesUnder = Readonly<Record<string, NdArray<Float64Array>>>;

/** The name losses under this probability go by. */
export function probabilityKey({ kind, temperature }: ProbabilityOfTruth): string {
  return `${kind}:${temperature}`;
}

/**
 * Minus the logarithm of the probability of the truth.
 *
 * @param logits (n, classes) finite; for `softmax` log-probabilities do as well.
 * @param labels (n) class indices.
 * @returns (n) nats; lower = better fitted.
 * @throws ENG_SHAPE_MISMATCH. ENG_LABEL_OUT_OF_RANGE. ENG_VALUES_NOT_FINITE.
 * @see Zarifzadeh et al. 2024, appendix on the choice of probability.
 */
export function lossUnder(
  logits: NdArray,
  labels: Int32Array,
  { kind, temperature }: ProbabilityOfTruth,
): Float64Array {
  if (kind === 'taylor') return taylorSoftmaxLoss(logits, labels, { temperature });
  return lossFromLogits({ data: Float64Array.from(logits.data, (z) => z / temperature), shape: logits.shape }, labels);
}
