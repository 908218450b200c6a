import { EngramError, type NdArray } from '@engram/domain';
import { deriveSeed, logisticRegressionL2, logisticScores } from '@engram/numeric';
import type { PlannedMembershipAttack } from '../define-attack.js';
import { leaveOneOut } from '../leave-one-out.js';
import { type MembershipSignals, sampleCount } from '../signals.js';
import { standIns } from '../stand-ins.js';
import { columnScales, standardize } from '../standardize.js';

/**
 * Scores of several attacks as one: their weights are learned by logistic regression with reference models in the
 * target's place, where membership is known by their masks, and are fixed before the target is scored. Each score is
 * standardised by its mean and spread over those reference models.
 *
 * The bank that remains for a reference in the target's place is guarded against counting (see `leaveOneOut`), and no
 * part sees more of the masks than in from out.
 *
 * @param signals a target and at least four reference models, as the parts need them.
 * @param parts two or more attacks.
 * @param seed decides which reference models stand in, and goes on to the parts.
 * @returns (n) log-odds of membership at the references' share of members; higher = more member-like.
 * @throws ENG_ATTACK_NOT_APPLICABLE masks leak membership, or say nothing: no model both saw and missed samples.
 *   ENG_SATURATED_OUTPUTS as the parts do.
 */
export function fusedScores(
  signals: MembershipSignals,
  parts: readonly PlannedMembershipAttack[],
  seed: number,
): Float64Array {
  const { models, trainedOn, loss, scaledConfidence, measured } = signals.reference!;
  // Only what parts read is copied from model to model.
  const reference = { models, trainedOn, loss, scaledConfidence, measured };
  const rows: NdArray<Float64Array>[] = [];
  const memberships: Uint8Array[] = [];
  for (const model of standIns(reference, seed)) {
    const stand = leaveOneOut(reference, model, signals);
    rows.push(partScores(stand.signals, parts, seed));
    memberships.push(stand.membership);
  }
  const learned = stack(rows);
  const membership = Uint8Array.from(memberships.flatMap((marks) => [...marks]));
  if (!membership.includes(0) || !membership.includes(1))
    throw new EngramError(
      'ENG_ATTACK_NOT_APPLICABLE',
      'expected reference models trained on some of the samples and not on others, got all or none in each',
      { remedy: 'Train reference models on random halves of the samples.' },
    );
  const scales = columnScales(learned);
  // A tight tolerance: what is left of the gradient depends on the order of samples.
  const fit = logisticRegressionL2(standardize(learned, scales), membership, { penalty: 1, tolerance: 1e-10 });
  return logisticScores(fit, standardize(partScores(signals, parts, seed), scales));
}

/** (n, parts). */
function partScores(
  signals: MembershipSignals,
  parts: readonly PlannedMembershipAttack[],
  seed: number,
): NdArray<Float64Array> {
  const n = sampleCount(signals);
  const data = new Float64Array(n * parts.length);
  parts.forEach((part, j) => {
    part.score(signals, { seed: deriveSeed(seed, part.scoreId) }).forEach((score, i) => {
      data[i * parts.length + j] = score;
    });
  });
  return { data, shape: [n, parts.length] };
}

function stack(rows: readonly NdArray<Float64Array>[]): NdArray<Float64Array> {
  const [n, p] = rows[0].shape;
  const data = new Float64Array(rows.length * n * p);
  rows.forEach((row, k) => {
    data.set(row.data, k * n * p);
  });
  return { data, shape: [rows.length * n, p] };
}
