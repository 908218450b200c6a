import { EngramError, type NdArray } from '@engram/domain';
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
 * Mean EL2N over the moments between two fractions of training; the initial weights never count. With none in between,
 * the moment nearest in the logarithm of the step.
 *
 * @param trajectory with `el2n`.
 * @param window fractions of training, as 0.05 and 0.10.
 * @returns (n) larger = expected harder, and the moments used.
 */
export function earlyErrorNorm(
  { steps, totalSteps, el2n }: TrainingTrajectory,
  window: { readonly from: number; readonly to: number },
): { readonly difficulty: Float64Array; readonly moments: readonly number[] } {
  const n = el2n!.length / steps.length;
  const later = Array.from({ length: steps.length }, (_, t) => t).filter((t) => steps[t] > 0);
  const distance = (t: number) =>
    Math.max(0, Math.log((window.from * totalSteps) / steps[t]), Math.log(steps[t] / (window.to * totalSteps)));
  const least = Math.min(...later.map(distance));
  const inside = later.filter((t) => distance(t) === 0);
  const moments = inside.length > 0 ? inside : later.filter((t) => distance(t) === least).slice(0, 1);
  if (moments.length === 0)
    throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected a recorded moment after the first step, got none', {
      remedy: 'Record moments of training other than its initial weights.',
    });
  const difficulty = new Float64Array(n);
  for (const t of moments) for (let i = 0; i < n; i += 1) difficulty[i] += el2n![t * n + i] / moments.length;
  return { difficulty, moments };
}
