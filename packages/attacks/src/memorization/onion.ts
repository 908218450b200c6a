import { EngramError } from '@engram/domain';
import { argsort, createRandom } from '@engram/numeric';

/**
 * The most exposed samples: what the privacy onion takes away first.
 *
 * @param exposure (n) vulnerability d' or memorization, higher = more exposed; NaN is never taken.
 * @param among rows that may be taken.
 * @param fraction of `among`, in (0, 1); at least one row is taken.
 * @returns row numbers, most exposed first.
 * @throws ENG_INSUFFICIENT_SAMPLES `among` has no row with a value.
 */
export function exposedLayer(exposure: Float64Array, among: Int32Array, fraction: number): Int32Array {
  const known = among.filter((row) => !Number.isNaN(exposure[row]));
  const ascending = argsort(Float64Array.from(known, (row) => -exposure[row]));
  return Int32Array.from(ascending.subarray(0, layerSize(known, fraction)), (place) => known[place]);
}

/**
 * As many samples as the exposed layer has, drawn from the others: what a removal has to be compared with. Leaving the
 * exposed layer where it is keeps the two removals apart.
 *
 * @returns row numbers, ascending.
 */
export function randomLayer(exposed: Int32Array, among: Int32Array, seed: number): Int32Array {
  const taken = new Set(exposed);
  const others = among.filter((row) => !taken.has(row));
  return createRandom(seed).shuffle(others).subarray(0, exposed.length).slice().sort();
}

/** Exposure of all samples before and after two removals of equal size. */
export interface PeeledOnion {
  /** (n) by the bank on everything. */
  readonly before: Float64Array;
  /** (n) by a bank on all but the exposed layer. */
  readonly withoutExposed: Float64Array;
  /** (n) by a bank on all but as many random samples. */
  readonly withoutRandom: Float64Array;
  readonly exposed: Int32Array;
  readonly random: Int32Array;
  /** Rows judged. */
  readonly among: Int32Array;
}

/** What the rows left in both arms became; the arm without random samples is the control of the other. */
export interface LayerComparison {
  /** (m) rows in neither removal, all of them below the threshold before. */
  readonly rows: Int32Array;
  /** Exposure of the least exposed sample removed. */
  readonly threshold: number;
  /** (m) exposure after less exposure before. */
  readonly change: { readonly exposed: Float64Array; readonly random: Float64Array };
  /** (m) 1 = at or above the threshold now. */
  readonly newlyExposed: { readonly exposed: Uint8Array; readonly random: Uint8Array };
  /** Rows in a layer: the second before, the first after. */
  readonly layer: number;
  /** Rows of the first layer after that were in the second before. */
  readonly overlap: { readonly exposed: number; readonly random: number };
}

/**
 * The privacy onion: whether deleting the most exposed samples exposes others.
 *
 * Samples were chosen by one bank and are judged by others, so some pass the threshold by chance alone, and exposures
 * fall back towards their mean; both happen in either arm, and only the difference between the arms is evidence.
 *
 * @throws ENG_INSUFFICIENT_SAMPLES nothing is left to compare.
 * @see Carlini, Jagielski, Zhang, Papernot, Terzis and Tramèr 2022, "The Privacy Onion Effect: Memorization is
 *   Relative", section 3.
 */
export function comparePeeled(onion: PeeledOnion): LayerComparison {
  const { before, withoutExposed, withoutRandom, exposed, random, among } = onion;
  const removed = new Set([...exposed, ...random]);
  const rows = among.filter(
    (row) => !removed.has(row) && [before, withoutExposed, withoutRandom].every((values) => !Number.isNaN(values[row])),
  );
  if (rows.length === 0)
    throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'the removals leave no sample to compare', {
      remedy: 'Remove a smaller fraction, or give more samples.',
    });
  const threshold = Math.min(...exposed.map((row) => before[row]));
  const layer = Math.min(exposed.length, rows.length);
  const second = new Set(highest(before, rows, layer));
  const arm = (after: Float64Array) => ({
    change: Float64Array.from(rows, (row) => after[row] - before[row]),
    newlyExposed: Uint8Array.from(rows, (row) => Number(after[row] >= threshold)),
    overlap: highest(after, rows, layer).filter((row) => second.has(row)).length,
  });
  const [a, b] = [arm(withoutExposed), arm(withoutRandom)];
  return {
    rows,
    threshold,
    change: { exposed: a.change, random: b.change },
    newlyExposed: { exposed: a.newlyExposed, random: b.newlyExposed },
    layer,
    overlap: { exposed: a.overlap, random: b.overlap },
  };
}

function highest(values: Float64Array, rows: Int32Array, count: number): number[] {
  const order = argsort(Float64Array.from(rows, (row) => -values[row]));
  return Array.from(order.subarray(0, count), (place) => rows[place]);
}

function layerSize(known: Int32Array, fraction: number): number {
  if (known.length === 0)
    throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'no sample has an exposure to be chosen by', {
      remedy: 'Train more reference models, so that every sample has some on both sides.',
    });
  return Math.max(1, Math.round(fraction * known.length));
}
