import { type EntryRequest, entryRequestSchema, parseEntryRequest } from '../catalog-request.js';
import { type ExtractionAttackId, extractionAttacks } from './catalog.js';
import type { PlannedExtractionAttack } from './define-attack.js';
import { type AvailableForExtraction, missingExtractionRequirements } from './requirements.js';

/** `"exposure"`, or `{ "attack": "exposure", "length": 6 }`. */
export type ExtractionAttackRequest = EntryRequest<ExtractionAttackId, 'attack'>;

/** Schema of one entry of `tests.extraction.attacks`. */
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

/** The attacks `"default"` stands for: every one that can run on what is available. */
export function defaultExtractionSuite(
  available: AvailableForExtraction,
): PlannedExtractionAttack<ExtractionAttackId>[] {
  return extractionAttacks
    .map(({ id }) => parseExtractionAttackRequest(id))
    .filter((attack) => missingExtractionRequirements(attack.requires, available).length === 0);
}
