import type { Measured } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { type AucOptions, auc } from '../roc/auc.js';

export interface ControlGateResult {
  /** `inconclusive` when the AUC could not be measured. */
  readonly outcome: 'pass' | 'inconclusive' | 'fail';
  /** AUC of the attack where there is nothing to find. */
  readonly measured: Measured;
}

/**
 * Judges an attack on a control where there is nothing to find: a model known not to hold the members (model swap), or
 * two halves of the non-members (split half). Its AUC must be 0.5 within the interval.
 *
 * @param scores (n) the attack's scores on the control; without NaN.
 * @param membership (n) the labels whose meaning the control removes.
 * @param options as `auc`.
 * @returns pass when the interval holds 0.5. At 95 % a sound control fails one time in twenty.
 * @throws ENG_SHAPE_MISMATCH, ENG_VALUES_NOT_FINITE, ENG_LABEL_OUT_OF_RANGE as `countSides`.
 */
export function controlGate(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  options: AucOptions = {},
): ControlGateResult {
  const measured = auc(scores, membership, options);
  if (measured.status === 'notMeasured') return { outcome: 'inconclusive', measured };
  return { outcome: measured.low <= 0.5 && measured.high >= 0.5 ? 'pass' : 'fail', measured };
}

/**
 * Labels that split samples of one side into two random halves, for the split-half control.
 *
 * @param count samples on the side.
 * @param seed of the split.
 * @returns (count) floor(count / 2) of them 1, the others 0.
 */
export function splitHalves(count: number, seed: number): Uint8Array {
  const labels = new Uint8Array(count);
  for (const row of createRandom(seed).sample(count, Math.floor(count / 2))) labels[row] = 1;
  return labels;
}
