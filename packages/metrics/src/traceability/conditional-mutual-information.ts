import { createRandom, integrate, normalLogPdf } from '@engram/numeric';
import { countSides } from '../scored-samples.js';
import { binaryEntropyBits } from './binary-entropy.js';

/** Guesses of one sureness, about pairs of which one record was trained on. */
export interface GuessBin {
  readonly guesses: number;
  /** Share of right guesses, a fraction. */
  readonly accuracy: number;
}

/**
 * Bits of I(model; coins | pairs) that guesses of these accuracies prove: sum over bins of n_b (1 - h2(acc_b)), by
 * independence of the coins, data processing, Fano's inequality and concavity. Abstentions are left out.
 *
 * @returns bits, at least 0.
 * @see Steinke and Zakynthinou 2020, "Reasoning About Generalization via Conditional Mutual Information", for the quantity.
 */
export function informationOfGuesses(bins: readonly GuessBin[]): number {
  return bins.reduce((sum, { guesses, accuracy }) => sum + guesses * (1 - binaryEntropyBits(accuracy)), 0);
}

/**
 * Bits per pair that a tracer with recall r and false accusations alpha proves, its sides being independent:
 * (pc + pw)(1 - h2(pc / (pc + pw))), pc = r (1 - alpha), pw = alpha (1 - r).
 *
 * @param recall fraction in [0, 1].
 * @param falseAccusations fraction in [0, 1].
 * @returns bits in [0, 1].
 */
export function informationOfTracer(recall: number, falseAccusations: number): number {
  const correct = recall * (1 - falseAccusations);
  const wrong = falseAccusations * (1 - recall);
  const guessed = correct + wrong;
  return guessed === 0 ? 0 : guessed * (1 - binaryEntropyBits(correct / guessed));
}

/**
 * Bits a Gaussian score tells about one record's membership, I(U; S) with S ~ N(+-d/2, 1) and a fair coin U: the most
 * that could be proved from such scores one record at a time.
 *
 * @param shift d between the means, in standard deviations, at least 0.
 * @returns bits in [0, 1].
 */
export function informationOfGaussianShift(shift: number): number {
  // 1 - E log2(1 + e^(-d S)) over S ~ N(d/2, 1).
  const expected = integrate(
    (z) => Math.exp(normalLogPdf(z)) * Math.log2(1 + Math.exp(-shift * (z + shift / 2))),
    -12,
    12,
    160,
  );
  return Math.max(0, 1 - expected);
}

/** At least this many bits per pair, by the scores of one model. */
export interface CmiEstimate {
  /** Bits per pair, corrected for the upward bias of the plug-in, floored at 0. A lower bound's estimate. */
  readonly bitsPerPair: number;
  /** The same before the floor: what to average over models, since means of floored values come out too high. */
  readonly unflooredBits: number;
  readonly pairs: number;
  readonly bins: readonly GuessBin[];
}

export interface CmiOptions {
  /** Pairs are drawn from this seed, and equal scores within one are guessed by it. */
  readonly seed: number;
  /** Ascending edges of the score gap that part sure from unsure guesses, set on other scores; none: one bin. */
  readonly gapEdges?: readonly number[];
}

/**
 * Information the scores prove about which records were trained on, in bits per pair: members and non-members are
 * paired at random, the higher score of each pair is guessed to be the member, and guesses are binned by the gap.
 * Each bin's plug-in value is lowered by its bias, 1 / (2 n_b ln 2).
 *
 * Guesses inside one model depend on each other, so there is no interval: only retrained models give one.
 *
 * @param scores (n) without NaN; higher = more member-like.
 * @param membership (n) 1 = member; which records were trained on was decided by chance.
 * @throws as `countSides`.
 */
export function estimateCmi(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  { seed, gapEdges = [] }: CmiOptions,
): CmiEstimate {
  countSides(scores, membership);
  const random = createRandom(seed);
  const rowsOf = (side: number) => {
    const rows: number[] = [];
    for (let i = 0; i < membership.length; i += 1) if (membership[i] === side) rows.push(i);
    return random.shuffle(rows);
  };
  const [members, others] = [rowsOf(1), rowsOf(0)];
  const pairs = Math.min(members.length, others.length);
  const guesses = new Array<number>(gapEdges.length + 1).fill(0);
  const right = new Array<number>(gapEdges.length + 1).fill(0);
  for (let i = 0; i < pairs; i += 1) {
    const [inside, outside] = [scores[members[i]], scores[others[i]]];
    const gap = inside === outside ? 0 : Math.abs(inside - outside);
    const bin = gapEdges.filter((edge) => gap >= edge).length;
    guesses[bin] += 1;
    right[bin] += inside > outside || (inside === outside && random.uniform() < 0.5) ? 1 : 0;
  }
  const bins = guesses.map((count, bin) => ({ guesses: count, accuracy: count === 0 ? 0.5 : right[bin] / count }));
  const bias = bins.filter((bin) => bin.guesses > 0).length / (2 * Math.LN2);
  const unflooredBits = pairs === 0 ? 0 : (informationOfGuesses(bins) - bias) / pairs;
  return { bitsPerPair: Math.max(0, unflooredBits), unflooredBits, pairs, bins };
}
