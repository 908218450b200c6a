import { EngramError } from '@engram/domain';
import { earlyMoments, meanOverMoments, type TrainingWindow } from '../unlearning/moments.js';
import type { RunTrace } from './run-trace.js';

/**
 * GraNd of one run: the norm of the gradient of each sample's loss over all weights, averaged over an early window.
 * Averaged over several runs it is the published score. Initial weights are refused rather than left out: scores taken
 * there came from a fault in a framework and were withdrawn.
 *
 * @param run with `gradientNorm` (moments, n).
 * @param window fractions of training.
 * @returns (n) larger = matters more to training, or mislabelled.
 * @throws ENG_ESTIMATOR_NOT_APPLICABLE a moment is step 0. ENG_INSUFFICIENT_SAMPLES no moments.
 * @see Paul, Ganguli and Dziugaite 2021, "Deep Learning on a Data Diet", definition 2.1.
 */
export function gradientNormScore(
  { steps, totalSteps, gradientNorm }: Pick<RunTrace, 'steps' | 'totalSteps' | 'gradientNorm'>,
  window: TrainingWindow,
): Float64Array {
  if (Array.from(steps).includes(0))
    throw new EngramError(
      'ENG_ESTIMATOR_NOT_APPLICABLE',
      'expected gradient norms of moments after the first step, got one of step 0',
      { remedy: 'Leave the initial weights out: gradient norms there do not rank samples.' },
    );
  const moments = earlyMoments(steps, totalSteps, window);
  return meanOverMoments(gradientNorm, moments, gradientNorm.length / steps.length);
}
