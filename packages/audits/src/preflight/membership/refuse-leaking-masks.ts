import { inclusionHistogramAuc, type PlannedMembershipAttack } from '@engram/attacks';
import { leakingMasks } from '../../membership/leaking-masks.js';
import { judgedRoles, type ResolvedAudit } from '../../resources.js';
import type { Faults } from '../faults.js';
import type { ChosenReferences } from './choose-references.js';

/**
 * Refuses `referenceMember` masks that tell members from non-members by how many models were trained on a sample, where an
 * attack asked for uses them: it could read the answer off the masks. Attacks that were not named are left out when they
 * come to run.
 */
export function refuseLeakingMasks(
  attacks: readonly PlannedMembershipAttack[],
  audit: ResolvedAudit,
  { given }: Pick<ChosenReferences, 'given'>,
  faults: Faults,
): void {
  const using = attacks.filter(({ references }) => references !== null).map(({ scoreId }) => scoreId);
  const masksCount = audit.target === 'outputs' || given === 'field';
  const [members, nonMembers] = histogramsOf(audit);
  if (using.length === 0 || !masksCount || members === undefined || nonMembers === undefined) return;
  const leak = leakingMasks(inclusionHistogramAuc(members, nonMembers));
  if (leak === null) return;
  const models = members.length - 1;
  const [ofMembers, ofNonMembers] = [members, nonMembers].map((histogram) => meanOf(histogram).toFixed(2));
  faults.add(
    leak.code,
    `/data/${judgedRoles(audit.datasets)[0]}`,
    `${leak.message}: of ${models} models, ${ofMembers} were trained on a member on average and ${ofNonMembers} on a non-member; ${using.join(', ')} would read membership off the masks`,
    leak.remedy!,
  );
}

/** Of members and non-members; undefined where the datasets carry no masks. */
function histogramsOf({ datasets }: ResolvedAudit): (readonly number[] | undefined)[] {
  const { auditSet, members, nonMembers } = datasets;
  return auditSet === undefined
    ? [members?.inspected.inclusion?.all, nonMembers?.inspected.inclusion?.all]
    : [auditSet.inspected.inclusion?.members, auditSet.inspected.inclusion?.nonMembers];
}

function meanOf(histogram: readonly number[]): number {
  const samples = histogram.reduce((sum, count) => sum + count, 0);
  return histogram.reduce((sum, count, models) => sum + models * count, 0) / samples;
}
