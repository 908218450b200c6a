import { EngramError, type NdArray } from '@engram/domain';
import { checkFinite, rowsOf } from './rows.js';

/** Keeps the logarithm of an error that vanishes finite. */
const smallestSquare = 1e-12;

/**
 * Squared error of each sample of a regression: (y - f(x))^2, in float64.
 *
 * @param predictions (n) or (n, 1), what the model answered; finite.
 * @param targets (n) what was to be predicted; finite.
 * @returns (n) in squared units of the target, at least 0; lower = better fitted, so negate it for a membership score.
 * @throws ENG_SHAPE_MISMATCH lengths disagree. ENG_VALUES_NOT_FINITE.
 */
export function lossFromPredictions(predictions: NdArray, targets: ArrayLike<number>): Float64Array {
  const rows = rowsOf(predictions);
  if (rows.width !== 1 || rows.count !== targets.length)
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected ${targets.length} predictions, one per target, got shape (${predictions.shape.join(', ')})`,
    );
  checkFinite(predictions, rows);
  return Float64Array.from(targets, (target, i) => (target - predictions.data[i]!) ** 2);
}

/**
 * What stands for the logit-scaled confidence in a regression: -log(e^2 + 1e-12) of the error e, closer to Gaussian than
 * the squared error itself.
 *
 * @param squaredErrors (n) at least 0, as `lossFromPredictions` gives them.
 * @returns (n) higher = closer to the target; at most 12 ln 10.
 */
export function scaledConfidenceFromSquaredErrors(squaredErrors: Float64Array): Float64Array {
  return squaredErrors.map((square) => -Math.log(square + smallestSquare));
}
