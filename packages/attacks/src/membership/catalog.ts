import { base } from './base/index.js';
import { calibratedLoss } from './calibrated-loss/index.js';
import { entropy } from './entropy/index.js';
import { gap } from './gap/index.js';
import { lira } from './lira/index.js';
import { loss } from './loss/index.js';
import { modifiedEntropy } from './modified-entropy/index.js';
import { rmia } from './rmia/index.js';

/** Every membership attack. Request schema, preflight, documentation and law tests follow from this list. */
export const membershipAttacks = [loss, entropy, modifiedEntropy, gap, calibratedLoss, lira, rmia, base] as const;

export type MembershipAttackId = (typeof membershipAttacks)[number]['id'];
