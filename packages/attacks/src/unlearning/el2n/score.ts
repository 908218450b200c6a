import { EngramError, type NdArray } from '@engram/domain';
import { earlyMoments, meanOverMoments, type TrainingWindow } from '../moments.js';
import type { TrainingTrajectory } from '../signals.js';

/**
 * EL2N of each sample at one moment: the norm of softmax(z) - onehot(y).
 *
 * @param logProbabilities (n, classes) nats; -Infinity allowed.
 * @param labels (n) class indices.
 * @returns (n) in [0, sqrt 2]; larger = worse fitted.
 * @throws ENG_SHAPE_MISMATCH.
 * @see Paul, Ganguli and Dziugaite 2021, "Deep Learning on a Data Diet", definition 2.3.
 */
export function errorNorms(logProbabilities: NdArray, labels: ArrayLike<number>): Float64Array {
  const [n, classes] = logProbabilities.shape;
  if (logProbabilities.shape.length !== 2 || n !== labels.length || logProbabilities.data.length !== n * classes)
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected log-probabilities of shape (${labels.length}, classes), got (${logProbabilities.shape.join(', ')})`,
    );
  return Float64Array.from({ length: n }, (_, i) => {
    let others = 0;
    let squares = 0;
    for (let j = 0; j < classes; j += 1) {
      if (j === labels[i]) continue;
      const p = Math.exp(logProbabilities.data[i * classes + j]);
      others += p;
      squares += p * p;
    }
    // 1 - p_y as the sum of the others keeps the digits of a confident prediction.
    return Math.sqrt(squares + others * others);
  });
}

/**
 * Mean EL2N over the moments between two fractions of training, chosen as `earlyMoments` does.
 *
 * @param trajectory with `el2n`.
 * @param window fractions of training, as 0.05 and 0.10.
 * @returns (n) larger = expected harder, and the moments used.
 * @throws ENG_INSUFFICIENT_SAMPLES no moment after the first step.
 */
export function earlyErrorNorm(
  { steps, totalSteps, el2n }: Pick<TrainingTrajectory, 'steps' | 'totalSteps' | 'el2n'>,
  window: TrainingWindow,
): { readonly difficulty: Float64Array; readonly moments: readonly number[] } {
  const moments = earlyMoments(steps, totalSteps, window);
  return { difficulty: meanOverMoments(el2n!, moments, el2n!.length / steps.length), moments };
}
