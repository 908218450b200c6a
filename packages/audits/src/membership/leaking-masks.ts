import { type InclusionAuc, inclusionCountAuc, leaksMembership, type ReferenceSignals } from '@engram/attacks';
import { EngramError } from '@engram/domain';

/**
 * Why reference models cannot be used: the number of them trained on a sample tells members from non-members, so that an
 * attack could read the answer off the masks. Banks trained here are balanced; masks that were given need not be.
 *
 * @param membership of the samples judged: the first of those the masks are of.
 */
export function leakOfMasks({ models, trainedOn }: ReferenceSignals, membership: Uint8Array): EngramError | null {
  const n = trainedOn.length / models;
  const judged = new Uint8Array(models * membership.length);
  for (let model = 0; model < models; model += 1)
    judged.set(trainedOn.subarray(model * n, model * n + membership.length), model * membership.length);
  return leakingMasks(inclusionCountAuc(judged, models, membership));
}

/** The same from the AUC of the counts. */
export function leakingMasks(counts: InclusionAuc): EngramError | null {
  if (!leaksMembership(counts)) return null;
  return new EngramError(
    'ENG_ATTACK_NOT_APPLICABLE',
    `expected referenceMember to say nothing of membership, got an AUC of ${counts.auc.toFixed(3)} from the number of reference models trained on each sample alone`,
    {
      remedy:
        'Give reference models that were trained on members and non-members alike: on independent random halves of both, or on neither.',
    },
  );
}
