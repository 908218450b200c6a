import type { Gate, MembershipReport } from '@engram/contract';
import { type NdArray, notMeasured } from '@engram/domain';
import { blindBaselineGate } from '@engram/metrics';
import { createRandom, deriveSeed, mean, variance } from '@engram/numeric';
import { type AuditRows, rowsWhere } from '../../tasks/audit-rows.js';
import { shownFeatures } from '../../tasks/shown-features.js';
import { blindClassifierCount, samplesToSettle } from '../samples-to-settle.js';

export interface BlindGate {
  readonly gate: Gate;
  /** Rows the gate looked at, ascending, and its out-of-fold scores for them; null when it did not run. */
  readonly scored: { readonly rows: Int32Array; readonly scores: Float64Array } | null;
  /** What the gate rests on; null when it did not run. */
  readonly evidence: BlindEvidence | null;
}

/** The classifiers' numbers, without the rates, which depend on what an audit asks. */
export type BlindEvidence = Omit<NonNullable<MembershipReport['blindBaseline']>, 'tprAtFpr'>;

/** What is seen of the samples while the gate looks. */
export interface BlindLook extends BlindGate {
  /** (judged) distance from the middle of all samples; NaN where not looked at. Null when there is nothing to see. */
  readonly outliers: Float64Array | null;
}

/** Samples per side the gate looks at: its classifiers are fitted hundreds of times. */
const samplesPerSide = 2000;

/**
 * Tells members from non-members without asking any model: from what the samples themselves show. When that works, an
 * attack's success proves nothing about the model. Where labels are all that is shown they can fail the gate, not pass it.
 */
export async function blindGateOf(rows: AuditRows, seed: number, confidence: number): Promise<BlindLook> {
  const chosen = chooseRows(rows.membership.subarray(0, rows.judged), seed);
  const features = await shownFeatures(
    rows.parts.filter(({ start }) => start < rows.judged),
    chosen,
  );
  if (features === null) {
    const reason = 'the datasets do not both carry the samples themselves, only outputs of the model';
    return {
      gate: {
        gate: 'blindBaseline',
        outcome: 'notRun',
        measured: notMeasured('ENG_NOT_REQUESTED', reason),
        statement: `not run: ${reason}. Add an input field to both to have it run.`,
      },
      scored: null,
      evidence: null,
      outliers: null,
    };
  }
  const membership = Uint8Array.from(chosen, (row) => rows.membership[row]);
  const result = blindBaselineGate({ features, membership, seed, confidence });
  const { measured, outcome } = result;
  const looked = result.n < rows.judged ? ` on ${result.n} of ${rows.judged} samples` : '';
  const value = measured.status === 'measured' ? measured.value.toFixed(3) : 'unknown';
  const chance =
    outcome !== 'pass' && result.pValue > 0.05
      ? ` With so few samples chance does this too (p = ${result.pValue.toFixed(2)}): ${samplesToSettle({ confidence, attacks: blindClassifierCount, rates: [] }).perSide} on each side would tell.`
      : '';
  const statements = {
    pass: `a classifier that never saw the model cannot tell the groups apart (AUC ${value}${looked}).`,
    inconclusive: `a classifier that never saw the model does not tell the groups apart (AUC ${value}${looked}), but there are too few samples to rule out that it could.${chance}`,
    warn: `a classifier that never saw the model tells the groups apart slightly (AUC ${value}${looked}).${chance}`,
    fail: `a classifier that never saw the model tells the groups apart (AUC ${value}${looked}): they differ by more than membership.${chance}`,
  } as const;
  // Labels can tell two sources apart, and say nothing of the samples where they do not.
  const sawSamples = rows.parts.some(({ dataset }) => dataset.has('input') || dataset.has('text'));
  const found =
    sawSamples || outcome === 'warn' || outcome === 'fail'
      ? { outcome, statement: statements[outcome] }
      : {
          outcome: 'notRun' as const,
          statement: `not run on the samples, which the datasets do not show: by their labels alone the groups are not told apart (AUC ${value}${looked}). Add an input field to both to have it run.`,
        };
  return {
    gate: { gate: 'blindBaseline', measured, ...found },
    scored: result.rows.length === 0 ? null : { rows: result.rows.map((at) => chosen[at]), scores: result.scores },
    evidence: {
      n: result.n,
      strongest: result.strongest,
      pValue: result.pValue,
      classifiers: result.perClassifier.map(({ classifier, auc, pValue, adjustedPValue }) => ({
        classifier,
        auc,
        pValue,
        adjustedPValue,
      })),
    },
    outliers: outliersOf(features, chosen, rows.judged),
  };
}

/**
 * How far each sample looked at lies from the middle of all: the root mean square of its standardised features.
 *
 * @returns (judged) NaN for samples that were not looked at.
 */
function outliersOf({ data, shape: [n, columns] }: NdArray<Float64Array>, chosen: Int32Array, judged: number) {
  const squares = new Float64Array(n);
  const column = new Float64Array(n);
  for (let j = 0; j < columns; j += 1) {
    for (let i = 0; i < n; i += 1) column[i] = data[i * columns + j];
    const spread = variance(column);
    if (!(spread > 0)) continue;
    const centre = mean(column);
    for (let i = 0; i < n; i += 1) squares[i] += (column[i] - centre) ** 2 / spread / columns;
  }
  const outliers = new Float64Array(judged).fill(Number.NaN);
  chosen.forEach((row, i) => {
    outliers[row] = Math.sqrt(squares[i]);
  });
  return outliers;
}

/**
 * The gate once the attacks have run: a split that a blind classifier sees, and that no attack sees better, shows nothing
 * of the model, so a warning becomes a failure.
 *
 * @param beaten some attack beats the blind baseline by the paired test.
 */
export function settleBlindGate(gate: Gate, beaten: boolean): Gate {
  if (gate.outcome !== 'warn' || beaten) return gate;
  return {
    ...gate,
    outcome: 'fail',
    statement: `a classifier that never saw the model tells the groups apart about as well as the best attack does: ${gate.statement}`,
  };
}

/** All rows, or a random sample of each side where there are many; ascending. */
function chooseRows(membership: Uint8Array, seed: number): Int32Array {
  const random = createRandom(deriveSeed(seed, 'rows'));
  const chosen = ([1, 0] as const).flatMap((side) => {
    const rows = rowsWhere(membership, side);
    if (rows.length <= samplesPerSide) return [...rows];
    return Array.from(random.sample(rows.length, samplesPerSide), (at) => rows[at]);
  });
  return Int32Array.from(chosen).sort();
}
