import type { PlannedMembershipAttack } from '@engram/attacks';

/** Above this share of clipped probabilities, ratios of confidences mean nothing. */
export const largestClippedShare = 0.05;

/** Whether an attack sets the target's confidence in the truth against that of reference models. */
export function comparesConfidences({ requires }: Pick<PlannedMembershipAttack, 'requires'>): boolean {
  return requires.some((requirement) => 'reads' in requirement && requirement.reads === 'scaledConfidence');
}
