import { type ProbabilityOfTruth, probabilityKey } from '../loss-under.js';
import { answersOnForm } from '../query-forms.js';
import type { MembershipSignals, PopulationSignals, ReferenceSignals } from '../signals.js';

/** Losses of target and references on the same samples. */
export interface ComparedLosses {
  /** (n) nats. */
  readonly target: Float64Array;
  readonly reference: Pick<ReferenceSignals, 'models' | 'trainedOn' | 'loss'>;
}

/**
 * Losses on one form of the samples under another probability of the truth.
 *
 * @param form 0 = the sample itself.
 */
export function lossesOnForm(
  { target, reference }: MembershipSignals,
  probability: ProbabilityOfTruth,
  form: number,
): ComparedLosses {
  const key = probabilityKey(probability);
  const { data, shape } = target.lossUnder![key];
  const n = shape[1];
  const { models, trainedOn, lossUnder } = reference!;
  return {
    target: data.subarray(form * n, (form + 1) * n),
    reference: { models, trainedOn, loss: answersOnForm(lossUnder![key], form) },
  };
}

/**
 * Losses on the population, which no reference model was trained on unless the population says so.
 *
 * @param probability null = the softmax of the logits as they are.
 * @returns null where there is no population, or no loss of it under this probability.
 */
export function lossesOnPopulation(
  population: PopulationSignals | undefined,
  models: number,
  probability: ProbabilityOfTruth | null,
): ComparedLosses | null {
  const losses = probability === null ? population : population?.lossUnder?.[probabilityKey(probability)];
  if (population === undefined || losses === undefined) return null;
  const { targetLoss, referenceLoss } = losses;
  const trainedOn = population.trainedOn ?? new Uint8Array(referenceLoss.length);
  return { target: targetLoss, reference: { models, trainedOn, loss: referenceLoss } };
}
