import { el2nEstimator } from './el2n/index.js';
import { forgettingEstimator } from './forgetting/index.js';
import { lossEstimator } from './loss/index.js';
import { privacyLossEstimator } from './privacy-loss/index.js';

/** Every estimator of unlearning difficulty. Request schema, preflight and law tests follow from this list. */
export const difficultyEstimators = [privacyLossEstimator, el2nEstimator, forgettingEstimator, lossEstimator] as const;

export type EstimatorId = (typeof difficultyEstimators)[number]['id'];
