import { type MembershipSignals, sampleCount, type Vulnerability, vulnerability } from '@engram/attacks';
import type { Gate, MembershipReport } from '@engram/contract';
import { asEngramError } from '@engram/domain';
import { tprAtFpr } from '@engram/metrics';
import { deriveSeed } from '@engram/numeric';
import type { MembershipDecisions } from '../../decisions.js';
import type { BlindBaseline } from '../../tasks/score-blind-baseline.js';
import { certifiedList } from './certified-list.js';
import { exposedSamples } from './exposed-samples.js';
import { lossTail } from './loss-tail.js';
import type { ShownSamples } from './shown-samples.js';
import { membershipSlices, type SliceKind, type SliceValues } from './slices.js';
import { tracing } from './traceability.js';

/** Separations rest on too little below this. */
const fewestModels = 8;

export interface DetailedAudit {
  /** Of all rows: those judged first, then those set aside. */
  readonly signals: MembershipSignals;
  /** (judged) */
  readonly membership: Uint8Array;
  /** (judged) 1 = the target gets it right; null when that is not known. */
  readonly correct: ArrayLike<number> | null;
  readonly blind: BlindBaseline;
  readonly shown: ShownSamples;
  /** The primary attack's scores of all rows; null when no attack could be run. */
  readonly primary: { readonly scoreId: string; readonly scores: Float64Array } | null;
  readonly gates: readonly Gate[];
  readonly decided: Pick<MembershipDecisions, 'fpr' | 'certify' | 'slices'>;
  readonly confidence: number;
  readonly seed: number;
}

export interface MembershipDetails {
  readonly section: Pick<
    MembershipReport,
    'blindBaseline' | 'lossTail' | 'certified' | 'slices' | 'vulnerability' | 'traceability' | 'cmi'
  >;
  /** Columns of the per-sample table, over all rows; NaN for what was not judged. */
  readonly columns: Readonly<Record<string, Float64Array>>;
  readonly limits: readonly string[];
}

/** What a report says beyond the attacks: of single samples, of parts of them, and of what the samples show. */
export function membershipDetails(audit: DetailedAudit): MembershipDetails {
  const { signals, membership, shown, primary, decided, confidence, seed } = audit;
  const bank = bankVulnerability(signals);
  const judged = membership.length;
  const own = primary === null ? null : primary.scores.subarray(0, judged);
  const list = primary === null || decided.certify === null ? null : certify(audit, primary, decided.certify.fdr);
  const { scoreId } = primary ?? { scoreId: '' };
  return {
    section: {
      blindBaseline: blindNumbers(audit),
      lossTail: lossTail(signals.target.loss?.subarray(0, judged) ?? null, membership, confidence),
      certified: list?.section ?? null,
      ...(primary === null || someFailed(audit.gates) ? {} : tracedBy(audit, primary)),
      slices:
        own === null || decided.slices.length === 0
          ? null
          : membershipSlices({
              scoreId,
              scores: own,
              membership,
              by: sliceValues(audit, bank),
              fpr: decided.fpr,
              confidence,
              seed: deriveSeed(seed, 'slices'),
            }),
      vulnerability:
        bank === null
          ? null
          : exposedSamples({
              vulnerability: {
                separation: bank.separation.subarray(0, judged),
                standardError: bank.standardError.subarray(0, judged),
              },
              membership,
              sampleIds: shown.sampleIds,
              referenceModels: signals.reference?.models ?? 0,
              confidence,
            }),
    },
    columns: {
      ...(bank === null ? {} : { vulnerability: bank.separation, vulnerabilityError: bank.standardError }),
      ...(list?.marks == null ? {} : { certifiedMember: overAllRows(list.marks, sampleCount(signals)) }),
    },
    limits: list?.limit == null ? [] : [list.limit],
  };
}

function someFailed(gates: readonly Gate[]): boolean {
  return gates.some(({ outcome }) => outcome === 'fail');
}

function tracedBy(
  { membership, confidence, seed }: DetailedAudit,
  { scoreId, scores }: NonNullable<DetailedAudit['primary']>,
) {
  return tracing({
    scoreId,
    scores: scores.subarray(0, membership.length),
    calibrationScores: scores.subarray(membership.length),
    membership,
    confidence,
    seed: deriveSeed(seed, 'tracing'),
  });
}

/** A failed gate says that scores do not show membership; a list of members would. */
function certify(
  { signals, membership, shown, gates, confidence, seed }: DetailedAudit,
  { scoreId, scores }: NonNullable<DetailedAudit['primary']>,
  fdr: number,
) {
  if (someFailed(gates))
    return { section: null, marks: null, limit: 'No list of members was certified: a gate failed.' };
  const judged = membership.length;
  if (sampleCount(signals) === judged)
    return { section: null, marks: null, limit: 'No list of members was certified: no samples were set aside.' };
  return certifiedList({
    scoreId,
    scores: scores.subarray(0, judged),
    calibrationScores: scores.subarray(judged),
    membership,
    sampleIds: shown.sampleIds,
    fdr,
    confidence,
    seed: deriveSeed(seed, 'calibration'),
  });
}

/**
 * How far a sample's inclusion moves its confidence, from the bank alone; null with too few models on either side of one, or
 * where models agree exactly and so show no spread to measure it by.
 */
function bankVulnerability(signals: MembershipSignals): Vulnerability | null {
  const { reference } = signals;
  if (reference?.scaledConfidence === undefined || reference.models < fewestModels) return null;
  const { models, trainedOn, scaledConfidence } = reference;
  const inside = new Uint16Array(sampleCount(signals));
  trainedOn.forEach((mark, i) => {
    inside[i % inside.length] += mark;
  });
  if (inside.some((count) => count === 0 || count === models)) return null;
  try {
    return vulnerability({ models, trainedOn, values: scaledConfidence });
  } catch (error) {
    if (asEngramError(error).family !== 'notApplicable') throw error;
    return null;
  }
}

function sliceValues(
  { signals, correct, blind, shown, decided, membership }: DetailedAudit,
  bank: Vulnerability | null,
): SliceValues {
  const known: Record<SliceKind, ArrayLike<number> | null> = {
    label: signals.labels?.subarray(0, membership.length) ?? null,
    correct,
    vulnerabilityDecile: bank === null ? null : bank.separation.subarray(0, membership.length),
    outlierDecile: blind.outliers,
    textLengthDecile: shown.textLengths,
    repeated: blind.firstLike === null ? null : repeated(blind.firstLike),
  };
  return Object.fromEntries(
    decided.slices.flatMap((kind) => {
      const values = known[kind];
      return values === null ? [] : [[kind, values]];
    }),
  );
}

/** (n) 1 = another sample judged is equal. */
function repeated(firstLike: Int32Array): Uint8Array {
  const marks = new Uint8Array(firstLike.length);
  firstLike.forEach((first, row) => {
    if (first === row) return;
    marks[row] = 1;
    marks[first] = 1;
  });
  return marks;
}

function blindNumbers({ blind, membership, decided, confidence }: DetailedAudit): MembershipReport['blindBaseline'] {
  if (blind.evidence === null) return null;
  const { scored } = blind;
  const labels = scored === null ? null : Uint8Array.from(scored.rows, (row) => membership[row]);
  return {
    ...blind.evidence,
    tprAtFpr:
      scored === null || labels === null
        ? []
        : decided.fpr.map((fpr) => {
            const { tpr, realisedFpr } = tprAtFpr(scored.scores, labels, { fpr, confidence });
            return { fpr, measured: tpr, realisedFpr };
          }),
  };
}

function overAllRows(marks: Uint8Array, rows: number): Float64Array {
  const column = new Float64Array(rows).fill(Number.NaN);
  column.set(marks);
  return column;
}
