import type { PlannedMembershipAttack } from '@engram/attacks';
import { comparesConfidences, largestClippedShare } from '../../membership/compares-confidences.js';
import { auditedRoles, type ResolvedAudit } from '../../resources.js';
import type { Faults } from '../faults.js';

/**
 * Refuses recorded probabilities too many of which are certain to their precision, where an attack asked for compares
 * confidences: it would compare clipping with clipping. Attacks that were not named are left out when they come to run.
 */
export function refuseSaturated(
  attacks: readonly PlannedMembershipAttack[],
  audit: ResolvedAudit,
  faults: Faults,
): void {
  const comparing = attacks.filter(comparesConfidences).map(({ scoreId }) => scoreId);
  if (audit.target !== 'outputs' || comparing.length === 0) return;
  const parts = auditedRoles(audit.datasets).map((role) => ({ role, ...audit.datasets[role]!.inspected }));
  // Logits come first where both were given, and lose nothing.
  if (parts.every(({ fields }) => fields.logits !== undefined)) return;
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const saturated = parts.reduce((sum, part) => sum + (part.saturated ?? 0), 0);
  if (saturated <= largestClippedShare * count) return;
  for (const part of parts)
    if ((part.saturated ?? 0) > 0)
      faults.add(
        'ENG_SATURATED_OUTPUTS',
        `/data/${part.role}`,
        `probabilities: ${part.saturated} of ${part.count} rows leave one class everything to their precision; ${comparing.join(', ')} can use at most ${100 * largestClippedShare} % of such rows`,
        'Give logits instead of probabilities, or attacks that rank by loss or entropy.',
      );
}
