import { entryRequestSchema, parseEntryRequest } from '../catalog-request.js';
import { type ExtractionAttackId, extractionAttacks } from './catalog.js';
import type { PlannedExtractionAttack } from './define-attack.js';

/** Schema of one entry of `tests.extraction.attacks`: `"exposure"`, or `{ "attack": "exposure", "length": 6 }`. */
export const extractionAttackRequest = entryRequestSchema<ExtractionAttackId, 'attack'>(extractionAttacks, 'attack');

/**
 * A requested attack with its parameters settled.
 *
 * @param pointer JSON pointer of `request` in the whole request, for the faults.
 * @throws ENG_REQUEST_INVALID unknown attack, or parameters that do not fit it.
 */
export function parseExtractionAttackRequest(
  request: unknown,
  pointer = '',
): PlannedExtractionAttack<ExtractionAttackId> {
  return parseEntryRequest<PlannedExtractionAttack<ExtractionAttackId>>(extractionAttacks, 'attack', request, pointer);
}
