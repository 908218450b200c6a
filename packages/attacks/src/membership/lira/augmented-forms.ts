import type { NdArray } from '@engram/domain';
import { answersOnForm } from '../query-forms.js';
import type { ReferenceSignals } from '../signals.js';
import { type LiraParameters, liraScores } from './score.js';

/**
 * The likelihood ratio attack with several questions per sample: the ratio is fitted for each augmented form by itself
 * and the log ratios are averaged, as if the forms were independent.
 *
 * @param phi (forms, n) nats: the target's scaled confidence on each form; form 0 is the sample itself.
 * @param reference masks, and `queryConfidence` (models, forms, n) nats.
 * @param forms how many of the forms are asked about, in order.
 * @returns (n) finite; higher = more member-like.
 * @throws as `liraScores`.
 * @see Carlini et al. 2022, "Membership Inference Attacks From First Principles", section VI-B. Departure: spreads are
 *   fitted per form instead of one covariance over forms.
 */
export function liraOverForms(
  phi: NdArray<Float64Array>,
  reference: ReferenceSignals,
  forms: number,
  params: LiraParameters,
): Float64Array {
  const { models, trainedOn } = reference;
  const answers = reference.queryConfidence!;
  const n = phi.shape[1]!;
  const mean = new Float64Array(n);
  for (let form = 0; form < forms; form += 1) {
    const bank = { models, trainedOn, values: answersOnForm(answers, form) };
    const scores = liraScores(phi.data.subarray(form * n, (form + 1) * n), bank, params);
    for (let i = 0; i < n; i += 1) mean[i] += scores[i] / forms;
  }
  return mean;
}
