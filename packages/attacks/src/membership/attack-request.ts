import { type EntryRequest, entryRequestSchema, parseEntryRequest } from '../catalog-request.js';
import { type MembershipAttackId, membershipAttacks } from './catalog.js';
import type { PlannedMembershipAttack } from './define-attack.js';

/** `"lira"`, or `{ "attack": "lira", "mode": "offline" }`. */
export type MembershipAttackRequest = EntryRequest<MembershipAttackId, 'attack'>;

/** Schema of one entry of `tests.membership.attacks`. */
export const membershipAttackRequest = entryRequestSchema<MembershipAttackId, 'attack'>(membershipAttacks, 'attack');

/**
 * A requested attack with its parameters settled.
 *
 * @param request an attack id, or an object with `attack` and parameters.
 * @param pointer JSON pointer of `request` in the whole request, for the faults.
 * @throws ENG_REQUEST_INVALID unknown attack, or parameters that do not fit it.
 */
export function parseAttackRequest(request: unknown, pointer = ''): PlannedMembershipAttack<MembershipAttackId> {
  return parseEntryRequest<PlannedMembershipAttack<MembershipAttackId>>(membershipAttacks, 'attack', request, pointer);
}
