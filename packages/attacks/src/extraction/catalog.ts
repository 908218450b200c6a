import { exposure } from './exposure/index.js';
import { prefixSuffix } from './prefix-suffix/index.js';

/** Every extraction attack. Request schema, preflight, documentation and law tests follow from this list. */
export const extractionAttacks = [prefixSuffix, exposure] as const;

export type ExtractionAttackId = (typeof extractionAttacks)[number]['id'];
