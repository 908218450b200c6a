import { EngramError } from '@engram/domain';
import { logSumExp } from '@engram/numeric';
import { probabilityWithin } from './draws.js';

/**
 * What is claimed of one record. `extractable`: memorized, and emitted within the largest budget. `memorized`: above
 * matched non-training text. `common`: emitted within the largest budget, but so is text the model never saw.
 * `notShown`: neither; never "safe".
 */
export const recordLabels = ['notShown', 'common', 'memorized', 'extractable'] as const;
export type RecordLabel = (typeof recordLabels)[number];

export interface RecordClaims {
  /** (records) index into `recordLabels`. */
  readonly label: Uint8Array;
  /** (records) 1 = memorized. */
  readonly memorized: Uint8Array;
  /** (budgets, records) 1 = memorized and emitted within that many draws. */
  readonly extractable: Uint8Array;
}

export interface ClaimThresholds {
  /** Largest q-value, a false discovery rate, at which a record counts as above its controls. 0.05. */
  readonly qValue: number;
  /** Budgets of draws. 1, 100, 10,000. */
  readonly draws: readonly number[];
  /** Least probability of emission within a budget. 0.95. */
  readonly probability: number;
}

export const defaultClaimThresholds: ClaimThresholds = { qValue: 0.05, draws: [1, 100, 10_000], probability: 0.95 };

/**
 * Labels records by comparison with matched controls. Two labels, because a record can be memorized and yet not
 * extractable in any budget.
 *
 * @param logProbability (records) ln p_z under the decoder the claim is about; give the lower bound of an interval.
 * @param qValues (records) Benjamini-Hochberg q-values of the conformal p-values against controls; NaN = not assessed.
 * @throws ENG_SHAPE_MISMATCH lengths differ.
 * @see Cooper et al. 2026, "Extractable Memorization From First Principles".
 */
export function claimRecords(
  logProbability: Float64Array,
  qValues: Float64Array,
  thresholds: ClaimThresholds = defaultClaimThresholds,
): RecordClaims {
  const n = logProbability.length;
  if (qValues.length !== n)
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected ${n} q-values, one per record, got ${qValues.length}`);
  const { qValue, draws, probability } = thresholds;
  const label = new Uint8Array(n);
  const memorized = new Uint8Array(n);
  const extractable = new Uint8Array(draws.length * n);
  for (let r = 0; r < n; r += 1) {
    memorized[r] = qValues[r] <= qValue ? 1 : 0;
    let emitted = false;
    draws.forEach((budget, b) => {
      if (probabilityWithin(logProbability[r], budget) < probability) return;
      emitted = true;
      extractable[b * n + r] = memorized[r];
    });
    label[r] = recordLabels.indexOf(labelOf(memorized[r] === 1, emitted));
  }
  return { label, memorized, extractable };
}

function labelOf(memorized: boolean, emitted: boolean): RecordLabel {
  if (memorized) return emitted ? 'extractable' : 'memorized';
  return emitted ? 'common' : 'notShown';
}

/**
 * How much a suffix is tied to its own prefix: ln P(s | p) less the log of its mean probability after unrelated prefixes.
 * Near 0 for common text, large for a suffix that only its own prefix brings out.
 *
 * @param logProbability ln P(suffix | its prefix).
 * @param unrelated ln P(suffix | prefix j) for at least 32 unrelated prefixes.
 * @returns nats; higher = more specific.
 * @see Tiwari et al. 2026, on prior-aware memorization; the form is reconstructed from the abstract.
 */
export function priorAwareSpecificity(logProbability: number, unrelated: Float64Array): number {
  return logProbability - (logSumExp(unrelated) - Math.log(unrelated.length));
}
