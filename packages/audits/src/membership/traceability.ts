import type { MembershipInformation, MembershipTraceability } from '@engram/contract';
import { estimateCmi, traceability } from '@engram/metrics';
import { createRandom, quantileOfSorted } from '@engram/numeric';

export interface TracedScores {
  readonly scoreId: string;
  /** (judged) higher = more member-like. */
  readonly scores: Float64Array;
  /** (judged) */
  readonly membership: Uint8Array;
  /** Of non-members set aside; empty for none. */
  readonly calibrationScores: Float64Array;
  readonly confidence: number;
  readonly seed: number;
}

/** Rates of false accusation at which tracing is told. */
const accusationRates = [0.01, 0.001];
/** Gaps are told apart in tenths. */
const gapBins = 10;
/** Fewer pairs carry less than a bit above the correction for bias. */
const fewestPairs = 50;

/**
 * How many members the primary attack points at while hardly ever accusing a fresh record, and how much its scores prove
 * about which records were trained on. The members stand for the training set: counts are of the members given.
 */
export function tracing(traced: TracedScores): {
  readonly traceability: MembershipTraceability;
  readonly cmi: MembershipInformation;
} {
  return { traceability: tracedRates(traced), cmi: provenInformation(traced) };
}

function tracedRates({
  scoreId,
  scores,
  membership,
  calibrationScores,
  confidence,
}: TracedScores): MembershipTraceability {
  const trainingSize = membership.reduce((sum, member) => sum + member, 0);
  const rates = accusationRates.map((falseAccusations): MembershipTraceability['rates'][number] => {
    const found = traceability(scores, membership, { falseAccusations, trainingSize, calibrationScores, confidence });
    if (found.status === 'notMeasured') return { ...found, falseAccusations };
    const { threshold: _threshold, traced: _traced, ...told } = found;
    return told;
  });
  const most = rates.find((rate) => rate.status === 'measured' && rate.traceable);
  return {
    scoreId,
    rates,
    statement:
      most?.status === 'measured'
        ? `Training records can be traced: at least ${Math.floor(most.tracedAtLeast)} of ${trainingSize} members are, where ${formatCount(most.expectedFalseAccusations)} of as many fresh records would be by false accusation.`
        : rates.some(({ status }) => status === 'measured')
          ? 'Members are not traced ten times as often as fresh records are accused falsely.'
          : 'Not measured: a threshold needs non-members set aside (data.calibration).',
  };
}

function provenInformation({
  scoreId,
  scores,
  membership,
  calibrationScores,
  seed,
}: TracedScores): MembershipInformation {
  const members = membership.reduce((sum, member) => sum + member, 0);
  const most = Math.min(members, membership.length - members);
  if (most < fewestPairs)
    return {
      status: 'notMeasured',
      code: 'ENG_INSUFFICIENT_SAMPLES',
      reason: `information is proved by ${fewestPairs} pairs of members and non-members or more, got ${most}`,
    };
  const { bitsPerPair, pairs, bins } = estimateCmi(scores, membership, {
    seed,
    gapEdges: gapEdges(calibrationScores, seed),
  });
  return {
    status: 'measured',
    scoreId,
    bitsPerPair,
    pairs,
    bins: [...bins],
    statement: `The scores prove at least ${bitsPerPair.toFixed(3)} bits for each pair of a member and a non-member about which was trained on (of 1 bit at most). An estimate of a lower bound: inside one model guesses depend on each other, and only retrained models would give an interval.`,
  };
}

/** Tenths of the gap between two non-members set aside: edges fixed on other scores than they are used on. */
function gapEdges(calibrationScores: Float64Array, seed: number): number[] {
  const half = Math.floor(calibrationScores.length / 2);
  if (half < 2 * gapBins) return [];
  const shuffled = createRandom(seed).shuffle(calibrationScores.slice());
  const gaps = Float64Array.from({ length: half }, (_, i) => Math.abs(shuffled[2 * i] - shuffled[2 * i + 1])).sort();
  const edges = Array.from({ length: gapBins - 1 }, (_, i) => quantileOfSorted(gaps, (i + 1) / gapBins));
  return [...new Set(edges)];
}

function formatCount(count: number): string {
  return String(Number(count.toPrecision(3)));
}
