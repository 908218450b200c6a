import type { RetrainedTargetsReport } from '@engram/contract';
import { clopperPearson, type OperatingPoint } from '@engram/metrics';

type ReliableFlags = NonNullable<RetrainedTargetsReport['flags']>;

/** Retrained targets below which no sample is called reliably exposed. */
export const fewestForFlags = 5;
/** Share of the retrained targets that must flag a sample. */
const neededShare = 0.8;
/** The rate at which samples are flagged, where the non-members can show it. */
const wantedRate = 0.001;
const mostNamed = 20;

/**
 * The rate samples are flagged at: one in a thousand where it can be measured, else the lowest of those reported.
 *
 * @param pointAt what the attack finds on the audited model at a rate.
 * @param rates false positive fractions reported.
 * @returns null when none was measured.
 */
export function flaggingRate(pointAt: (fpr: number) => OperatingPoint, rates: readonly number[]): number | null {
  const ascending = [...rates].sort((a, b) => a - b);
  return [wantedRate, ...ascending].find((fpr) => pointAt(fpr).threshold !== undefined) ?? null;
}

/**
 * The samples a model flags at an operating point.
 *
 * @param scores (n) of the samples judged; higher = more member-like.
 * @returns (n) 1 = flagged; none where nothing was measured.
 */
export function flagsOf(scores: Float64Array, { threshold = Number.POSITIVE_INFINITY }: OperatingPoint): Uint8Array {
  return Uint8Array.from(scores, (score) => Number(score > threshold));
}

/**
 * (n) share of the models that flag each sample.
 *
 * @param flags of each model (n), 1 = flagged.
 */
export function flaggedShare(flags: readonly Uint8Array[]): Float64Array {
  return Float64Array.from(flags[0], (_, i) => flags.reduce((sum, marks) => sum + marks[i], 0) / flags.length);
}

/**
 * Members that models retrained from other seeds flag in at least four of five cases: a flag on one model is partly chance
 * of its training, and does not reproduce. Intervals count samples, the models being given.
 *
 * @param retrained of each retrained target (n), 1 = flagged; five or more.
 * @param audited (n) flags on the audited model.
 */
export function reliableFlags(given: {
  readonly scoreId: string;
  readonly fpr: number;
  readonly retrained: readonly Uint8Array[];
  readonly audited: Uint8Array;
  readonly membership: Uint8Array;
  readonly sampleIds: readonly string[];
  readonly confidence: number;
}): ReliableFlags {
  const { scoreId, fpr, retrained, audited, membership, sampleIds, confidence } = given;
  // 0.8 times 5 may come out a rounding above 4.
  const needed = Math.ceil(neededShare * retrained.length - 1e-9);
  const share = flaggedShare(retrained);
  const isReliable = share.map((value) => Number(Math.round(value * retrained.length) >= needed));
  const count = (counts: (row: number) => boolean) => membership.reduce((sum, _, row) => sum + Number(counts(row)), 0);
  const isMember = (row: number) => membership[row] === 1;
  const members = count(isMember);
  const reliable = [...membership.keys()].filter((row) => isMember(row) && isReliable[row] === 1);
  const wrong = count((row) => !isMember(row) && isReliable[row] === 1);
  const flaggedOnAudited = count((row) => isMember(row) && audited[row] === 1);
  const reproduced = reliable.filter((row) => audited[row] === 1).length;
  return {
    scoreId,
    fpr,
    needed,
    reliablyExposed: reliable.length,
    share: clopperPearson(reliable.length, members, confidence),
    nonMembers: clopperPearson(wrong, membership.length - members, confidence),
    flaggedOnAudited,
    reproduced: clopperPearson(reproduced, flaggedOnAudited, confidence),
    sampleIds: reliable
      .sort((a, b) => share[b] - share[a] || a - b)
      .slice(0, mostNamed)
      .map((row) => sampleIds[row]),
  };
}
