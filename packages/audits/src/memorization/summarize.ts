import { type Memorization, memorizedPValues } from '@engram/attacks';
import type { MemorizationSummary, RememberedByTarget } from '@engram/contract';
import { type Measured, notMeasured } from '@engram/domain';
import { benjaminiHochberg, clopperPearson, meanDifference } from '@engram/metrics';
import { studentQuantile } from '@engram/numeric';
import { meanInterval } from '../difficulty/mean-interval.js';

/** Share of false ones among certified samples, in expectation at most. */
export const falseDiscoveryRate = 0.05;

/** Memorization of some of the samples, each certified or not. */
export interface Certified {
  readonly summary: MemorizationSummary;
  /** Rows certified to be memorised by more than the threshold. */
  readonly rows: Int32Array;
  /** (n) over all rows; NaN where a row is not among those asked about, or was not measured. */
  readonly qValues: Float64Array;
}

/**
 * Which of these rows are memorised by more than a threshold, and how many look so.
 *
 * @param among rows asked about; the false discovery rate holds over these.
 */
export function certify(estimate: Memorization, among: Int32Array, threshold: number, confidence: number): Certified {
  const { memorization } = estimate;
  const rows = among.filter((row) => !Number.isNaN(memorization[row]));
  const values = Float64Array.from(rows, (row) => memorization[row]);
  const found = discoveries(memorizedPValues(estimate, threshold), rows);
  const turned = { ...estimate, memorization: memorization.map((value) => -value) };
  const mirrored = discoveries(memorizedPValues(turned, threshold), rows);
  const share = (count: number) => clopperPearson(count, rows.length, confidence);
  const qValues = new Float64Array(memorization.length).fill(Number.NaN);
  rows.forEach((row, place) => {
    qValues[row] = found.qValues[place];
  });
  return {
    summary: {
      samples: rows.length,
      mean: meanInterval(values, confidence),
      above: share(values.filter((value) => value >= threshold).length),
      mirrored: share(values.filter((value) => value <= -threshold).length),
      certified: share(found.count),
      certifiedMirrored: share(mirrored.count),
    },
    rows: rows.filter((_, place) => found.rejected[place] === 1),
    qValues,
  };
}

function discoveries(pValues: Float64Array, rows: Int32Array) {
  return benjaminiHochberg(
    Float64Array.from(rows, (row) => pValues[row]),
    falseDiscoveryRate,
  );
}

/** One sample's memorization with its interval, from the models of the bank alone. */
export function memorizationOf(estimate: Memorization, row: number, models: number, confidence: number): Measured {
  const value = estimate.memorization[row];
  const half = studentQuantile((1 + confidence) / 2, estimate.freedom[row]) * estimate.standardError[row];
  return {
    status: 'measured',
    value,
    low: Math.max(-1, value - half),
    high: Math.min(1, value + half),
    confidence,
    n: models,
    method: 'normal',
  };
}

/**
 * Whether the target answers certified members better than models that never saw them. Samples chosen for a large
 * estimate have held-out answers that came out low by luck, members and non-members alike: the target never saw the
 * latter, so only the difference is evidence.
 *
 * @param answers (n) of the target: right or not, or the probability of the truth; null where unknown.
 * @param heldOut (n) mean answer of models trained without each sample.
 */
export function rememberedByTarget(
  answers: Float64Array | null,
  heldOut: Float64Array,
  members: Int32Array,
  nonMembers: Int32Array,
  confidence: number,
): RememberedByTarget {
  if (answers === null) {
    const missing = notMeasured('ENG_NOT_REQUESTED', 'what the bank was asked is not known of the target');
    return { members: missing, nonMembers: missing, difference: missing };
  }
  const excess = (rows: Int32Array) => Float64Array.from(rows, (row) => answers[row] - heldOut[row]);
  const [of, control] = [excess(members), excess(nonMembers)];
  return {
    members: meanInterval(of, confidence),
    nonMembers: meanInterval(control, confidence),
    difference: meanDifference(of, control, confidence),
  };
}
