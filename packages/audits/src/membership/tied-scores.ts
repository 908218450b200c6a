import type { ScoredAttack } from './run-attack.js';

/**
 * False positive rates that no threshold keeps to and still flags anyone: more non-members than that share the highest
 * score. Scores that count labels take few values, so this is common for them.
 *
 * @param scores (n) of the samples judged; higher = more member-like.
 * @param membership (n) 1 = member.
 * @param rates fractions in (0, 1).
 */
export function unreachableRates(
  scores: Float64Array,
  membership: Uint8Array,
  rates: readonly number[],
): readonly number[] {
  const highest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  let tied = 0;
  let nonMembers = 0;
  membership.forEach((member, i) => {
    nonMembers += 1 - member;
    tied += (1 - member) * Number(scores[i] === highest);
  });
  return rates.filter((rate) => tied > Math.floor(rate * nonMembers + 1e-9));
}

/** What ties keep an audit from showing, for its limits: one sentence for the rates each attack cannot reach. */
export function limitsOfTies(results: readonly ScoredAttack[], membership: Uint8Array): string[] {
  return results.flatMap(({ result, scores }) => {
    const inSample = result.tprAtFpr.filter(({ threshold }) => threshold === 'nonMembers').map(({ fpr }) => fpr);
    const rates = unreachableRates(scores.subarray(0, membership.length), membership, inSample);
    if (rates.length === 0) return [];
    return [
      `${result.scoreId} cannot reach false positive rates of ${rates.join(', ')}: more non-members than that share its highest score, so every threshold flags too many of them or nobody, and a true positive rate of 0 there is no sign of safety.`,
    ];
  });
}
