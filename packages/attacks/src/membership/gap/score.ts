/**
 * Gap attack: a sample the target labels correctly is called a member. Two values only, so members and non-members tie
 * often; ties count half, and AUC = 1/2 + (accuracy on members - accuracy on non-members) / 2 exactly.
 *
 * @param correct (n) 1 = the most likely class is the label.
 * @returns (n) 0 or 1; higher = more member-like.
 * @see Yeom et al. 2018, "Privacy Risk in Machine Learning", section 3; named so by Choquette-Choo et al. 2021,
 *   "Label-Only Membership Inference Attacks", section 3.
 */
export function gapScores(correct: Uint8Array): Float64Array {
  return Float64Array.from(correct);
}
