/**
 * How far taking the sample out of training would lower the confidence in its label, or move the prediction of a
 * regression away from its target: an estimate, without references, of
 * what memorization measures by retraining. It ranks samples by how exposed they would be as members; a sample the model
 * fits badly has a large drop whether it was trained on or not, so it is no test of membership.
 *
 * @param drops (n) nats, or units of the target, as `confidenceDrops` gives them.
 * @returns (n) the drops; higher = more exposed.
 * @see Dorseuil, Atif and Cappé 2026, "Generalized Leverage Score".
 */
export function leverageScores(drops: Float64Array): Float64Array {
  return drops.slice();
}
