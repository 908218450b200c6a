import type { NdArray } from '@engram/domain';
import { log1pexp } from '@engram/numeric';
import { answersOnForm } from '../query-forms.js';
import type { ReferenceSignals } from '../signals.js';
import { type RmiaParameters, rmiaScores } from './score.js';

/**
 * RMIA with several questions per sample: each form j has a ratio r_j(x) of its own, and the sample stands above a
 * population sample z where most forms pass the test r_j(x) / r(z) >= gamma.
 *
 * More than half of the forms pass exactly where the form that is in the middle does: of A ratios the (A div 2 + 1)-th
 * largest, the median of an odd number, the lesser of the two in the middle of an even one. So as with one question the
 * share of the population it stands above is a non-decreasing step function of one number, and that number is the score.
 *
 * @param phi (forms, n) nats: the target's scaled confidence on each form; form 0 is the sample itself.
 * @param reference masks, and `queryConfidence` (models, forms, n) nats.
 * @param forms how many of the forms are asked about, in order.
 * @returns (n) nats: log r of the form in the middle; higher = more member-like.
 * @see Zarifzadeh et al. 2024, on multiple queries: majority vote over augmented forms.
 */
export function rmiaOverForms(
  phi: NdArray<Float64Array>,
  reference: Pick<ReferenceSignals, 'models' | 'trainedOn' | 'queryConfidence'>,
  forms: number,
  params: RmiaParameters,
): Float64Array {
  const { models, trainedOn } = reference;
  const n = phi.shape[1]!;
  return formInTheMiddle(
    Array.from({ length: forms }, (_, form) => {
      const loss = answersOnForm(reference.queryConfidence!, form).map(lossOf);
      return rmiaScores(phi.data.subarray(form * n, (form + 1) * n).map(lossOf), { models, trainedOn, loss }, params);
    }),
  );
}

/**
 * Of several forms' scores of each sample the one that most of the forms reach.
 *
 * @param ratios (forms) of (n) nats.
 * @returns (n) nats.
 */
export function formInTheMiddle(ratios: readonly Float64Array[]): Float64Array {
  const forms = ratios.length;
  const passed = Math.floor(forms / 2) + 1;
  const ofSample = new Float64Array(forms);
  return ratios[0].map((_, i) => {
    ratios.forEach((ratio, form) => {
      ofSample[form] = ratio[i];
    });
    return ofSample.sort()[forms - passed];
  });
}

/** -log p_y of log p_y - log(1 - p_y), without going through p_y. */
function lossOf(phi: number): number {
  return log1pexp(-phi);
}
