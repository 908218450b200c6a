import type { PlannedMembershipAttack } from '@engram/attacks';

/**
 * Why an attack cannot be run on retrained models, of which no more is read than of a reference model.
 *
 * @returns null when it can.
 */
export function notAskedOfRetrained({ requires }: Pick<PlannedMembershipAttack, 'requires'>): string | null {
  if (requires.some(({ signal }) => signal === 'measure'))
    return 'it asks the target more than one pass over the samples, which retrained targets are not asked';
  return null;
}
