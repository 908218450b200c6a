import type { Vulnerability } from '@engram/attacks';
import type { MembershipReport } from '@engram/contract';
import { clopperPearson } from '@engram/metrics';
import { normalQuantile } from '@engram/numeric';
import { meanInterval } from '../../difficulty/mean-interval.js';

/** A sample is called reliably exposed when its separation is above this even at the lower end of its interval. */
const exposedAbove = 2;
const mostNamed = 20;

/**
 * What the bank of reference models says of single samples, whatever the target: how far apart models trained with and
 * without each are. A flag on one target does not reproduce across training seeds; a large separation does.
 *
 * @param vulnerability (n) of the samples judged.
 */
export function exposedSamples(given: {
  readonly vulnerability: Vulnerability;
  readonly membership: Uint8Array;
  readonly sampleIds: readonly string[];
  readonly referenceModels: number;
  readonly confidence: number;
}): NonNullable<MembershipReport['vulnerability']> {
  const { membership, sampleIds, referenceModels, confidence } = given;
  const { separation, standardError } = given.vulnerability;
  const z = normalQuantile((1 + confidence) / 2);
  const exposed = separation.filter((d, i) => d - z * standardError[i] > exposedAbove).length;
  const top = [...separation.keys()].sort((a, b) => separation[b] - separation[a]).slice(0, mostNamed);
  return {
    referenceModels,
    meanSeparation: meanInterval(separation, confidence),
    reliablyExposed: exposed,
    share: clopperPearson(exposed, separation.length, confidence),
    top: top.map((row) => ({
      sampleId: sampleIds[row],
      separation: separation[row],
      standardError: standardError[row],
      member: membership[row] === 1,
    })),
  };
}
