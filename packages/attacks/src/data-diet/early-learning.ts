import { EngramError } from '@engram/domain';

/** Shares of right predictions after each epoch, fractions. */
export interface EarlyLearningCurve {
  /** Flipped samples whose prediction is the true label. */
  readonly trueLabel: Float64Array;
  /** Flipped samples whose prediction is the flipped label. */
  readonly flippedLabel: Float64Array;
  /** Samples whose label was left alone, predicted right. */
  readonly clean: Float64Array;
}

/**
 * How a model first learns what is true of flipped samples and then their flipped labels by heart.
 *
 * @param predicted (n) classes after each epoch.
 * @param labels the true ones (n), and those taught (n).
 * @param flipped (n) 1 = the label taught is not the true one; both kinds must occur.
 * @returns (epochs) of each share.
 * @throws ENG_INSUFFICIENT_SAMPLES no label was flipped, or all were.
 * @see Liu et al. 2020, "Early-Learning Regularization Prevents Memorization of Noisy Labels", figure 1.
 */
export function earlyLearningCurve(
  predicted: readonly ArrayLike<number>[],
  labels: { readonly true: ArrayLike<number>; readonly taught: ArrayLike<number> },
  flipped: Uint8Array,
): EarlyLearningCurve {
  const count = flipped.reduce((sum, each) => sum + each, 0);
  if (count === 0 || count === flipped.length)
    throw new EngramError(
      'ENG_INSUFFICIENT_SAMPLES',
      `expected labels flipped and labels left alone, got ${count} of ${flipped.length} flipped`,
      { remedy: 'Flip a smaller or larger share, or give more samples.' },
    );
  const share = (of: ArrayLike<number>, kind: 0 | 1) =>
    Float64Array.from(predicted, (guesses) => {
      let right = 0;
      for (let i = 0; i < flipped.length; i += 1) if (flipped[i] === kind && guesses[i] === of[i]) right += 1;
      return right / (kind === 1 ? count : flipped.length - count);
    });
  return {
    trueLabel: share(labels.true, 1),
    flippedLabel: share(labels.taught, 1),
    clean: share(labels.true, 0),
  };
}

/** The epoch, from 0, after which most flipped samples are predicted as they truly are; of equals the first. */
export function earlyLearningEpoch({ trueLabel }: Pick<EarlyLearningCurve, 'trueLabel'>): number {
  return trueLabel.indexOf(Math.max(...trueLabel));
}

/**
 * Label-noise memorization: the area between the share of flipped labels reproduced and chance, per epoch of training.
 *
 * @param chance share reproduced by guessing, 1 in the number of classes.
 * @returns in [-chance, 1 - chance]; 0 = no better than guessing, larger = learned by heart sooner or further.
 */
export function labelNoiseMemorization(
  { flippedLabel }: Pick<EarlyLearningCurve, 'flippedLabel'>,
  chance: number,
): number {
  return flippedLabel.reduce((sum, share) => sum + (share - chance), 0) / flippedLabel.length;
}

/**
 * Epochs of training until an accuracy is reached.
 *
 * @param accuracy (epochs) after each epoch, fractions.
 * @returns from 1; null = not reached.
 */
export function epochsToAccuracy(accuracy: ArrayLike<number>, level: number): number | null {
  const first = Array.from(accuracy).findIndex((value) => value >= level);
  return first < 0 ? null : first + 1;
}
