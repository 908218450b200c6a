import { entryRequestSchema, parseEntryRequest } from '../catalog-request.js';
import { difficultyEstimators, type EstimatorId } from './catalog.js';
import type { PlannedEstimator } from './define-estimator.js';

/** Schema of one entry of `tests.unlearningDifficulty.estimators`: `"privacyLoss"`, or `{ "estimator": "privacyLoss", "alpha": 4 }`. */
export const estimatorRequest = entryRequestSchema<EstimatorId, 'estimator'>(difficultyEstimators, 'estimator');

/**
 * A requested estimator with its parameters settled.
 *
 * @param pointer JSON pointer of `request` in the whole request, for the faults.
 * @throws ENG_REQUEST_INVALID unknown estimator, or parameters that do not fit it.
 */
export function parseEstimatorRequest(request: unknown, pointer = ''): PlannedEstimator<EstimatorId> {
  return parseEntryRequest<PlannedEstimator<EstimatorId>>(difficultyEstimators, 'estimator', request, pointer);
}
