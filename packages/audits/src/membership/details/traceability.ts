import type { MembershipInformation, MembershipTraceability } from '@engram/contract';
import { type Measured, notMeasured } from '@engram/domain';
import { estimateCmi, traceability } from '@engram/metrics';
import { createRandom, deriveSeed, quantileOfSorted } from '@engram/numeric';
import { meanInterval } from '../../difficulty/mean-interval.js';

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
  const most = pairsOf(membership);
  if (most < fewestPairs) return tooFewPairs(most);
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
    statement: `The scores prove at least ${bitsPerPair.toFixed(3)} bits for each pair of a member and a non-member about which was trained on (of 1 bit at most). An estimate of a lower bound: inside one model guesses depend on each other, and only retrained models give an interval.`,
  };
}

/** The primary attack on models retrained by the audited one's recipe on its members. */
export interface RetrainedScores extends Pick<TracedScores, 'membership' | 'confidence' | 'seed'> {
  /** Of each model, of all rows: those judged first, then non-members set aside. */
  readonly scores: readonly Float64Array[];
}

/**
 * What the scores of retrained models prove, on average, with an interval over the models: guesses inside one model depend
 * on each other, trainings do not. Members are the same in all of them, so it covers what another training by the recipe
 * would change, not another draw of the members.
 *
 * @returns bits per pair, of the mean and its Student interval, kept within [0, 1]; not measured with
 *   ENG_INSUFFICIENT_SAMPLES below two models, below 50 pairs, or where all models prove the same.
 */
export function informationOverTrainings({ scores, membership, confidence, seed }: RetrainedScores): Measured {
  const pairs = pairsOf(membership);
  if (pairs < fewestPairs) return tooFewPairs(pairs);
  const bits = scores.map((one, model) => {
    const own = deriveSeed(seed, 'retrained', model);
    const edges = gapEdges(one.subarray(membership.length), own);
    return estimateCmi(one.subarray(0, membership.length), membership, { seed: own, gapEdges: edges }).unflooredBits;
  });
  const over = meanInterval(bits, confidence);
  if (over.status === 'notMeasured') return over;
  if (over.low === over.high)
    return notMeasured(
      'ENG_INSUFFICIENT_SAMPLES',
      `all ${bits.length} retrained targets prove the same ${over.value.toFixed(3)} bits, which leaves no spread to take an interval from`,
    );
  const within = (value: number) => Math.min(1, Math.max(0, value));
  return { ...over, value: within(over.value), low: within(over.low), high: within(over.high) };
}

/** Pairs of a member and a non-member, no sample in two. */
function pairsOf(membership: Uint8Array): number {
  const members = membership.reduce((sum, member) => sum + member, 0);
  return Math.min(members, membership.length - members);
}

function tooFewPairs(pairs: number) {
  return notMeasured(
    'ENG_INSUFFICIENT_SAMPLES',
    `information is proved by ${fewestPairs} pairs of members and non-members or more, got ${pairs}`,
  );
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
