/**
 * Global loss threshold: a sample the model fits well is called a member.
 *
 * @param lossNats (n) finite.
 * @returns (n) minus the loss; higher = more member-like.
 * @see Yeom et al. 2018, "Privacy Risk in Machine Learning", section 3.
 */
export function lossScores(lossNats: Float64Array): Float64Array {
  return lossNats.map((value) => -value);
}
