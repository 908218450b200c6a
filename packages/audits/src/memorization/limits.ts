import type { InfluenceReport } from '@engram/contract';
import type { MemorizationDecisions } from '../decisions.js';
import { enoughModels } from './verdict.js';

export interface MemorizationLimits {
  readonly decisions: MemorizationDecisions;
  readonly models: number;
  readonly influence: InfluenceReport | null;
}

/** What the numbers on memorization do not say. */
export function limitsOf({ decisions, models, influence }: MemorizationLimits): string[] {
  const { measure, onion } = decisions;
  const limits = [
    'Memorization is estimated at the training size of the bank, not of the audited model: with more data around it a sample is usually memorised less.',
    'It belongs to recipe and data. Another training run of the same recipe memorises about the same samples.',
    'Intervals of shares take samples as independent; they share the models of the bank.',
  ];
  if (onion === null)
    limits.push(
      'Nothing here says that memorised samples are needed for accuracy: most of the effect once reported for that came from models that had not converged, leakage between training and test data, and shifts of sub-populations.',
    );
  if (models < enoughModels[measure])
    limits.push(
      `${models} models: ${enoughModels[measure]} or more are needed for ${measure} memorization, and estimates scatter widely.`,
    );
  if (decisions.influence !== null && influence === null)
    limits.push(
      'Influence was not estimated: it needs test samples that no model of the bank trained on, with the answers of every model (data.population).',
    );
  if (influence !== null && models < enoughModels.influence)
    limits.push(
      `${models} models: ${enoughModels.influence} or more are needed for single influences, and the strongest of many pairs is strong by chance in part. Compare the number of pairs with that of pairs as far below zero.`,
    );
  if (onion !== null)
    limits.push(
      `Each arm of the onion rests on ${onion.models} models, and intervals over members do not hold what another bank would change.`,
    );
  return limits;
}
