import type { MembershipReport } from '@engram/contract';
import { notMeasured } from '@engram/domain';
import { minimumNonMembers, tprAtFpr } from '@engram/metrics';

const rates = [0.01, 0.001];
const noLosses = notMeasured('ENG_ATTACK_NOT_APPLICABLE', 'the target tells labels alone, and no losses');

/**
 * True negative rates of the plain loss attack at low false negative rates: how much of the high-loss tail members have
 * left. The attack is turned round, so the same step rule, refusals and intervals hold, with members setting the threshold.
 *
 * @param loss (n) nats, of the samples judged; null of a target that tells none.
 * @param membership (n) 1 = member.
 * @returns 1 % and 0.1 %, as far as the members are enough to certify them.
 * @see Dodd et al. 2025, "The Tail Tells All".
 */
export function lossTail(
  loss: Float64Array | null,
  membership: Uint8Array,
  confidence: number,
): MembershipReport['lossTail'] {
  const members = membership.reduce((sum, member) => sum + member, 0);
  const flipped = membership.map((member) => 1 - member);
  return rates
    .filter((fnr) => members >= minimumNonMembers(fnr))
    .map((fnr) => {
      if (loss === null) return { fnr, measured: noLosses, realisedFnr: noLosses };
      const { tpr, realisedFpr } = tprAtFpr(loss, flipped, { fpr: fnr, confidence });
      return { fnr, measured: tpr, realisedFnr: realisedFpr };
    });
}
