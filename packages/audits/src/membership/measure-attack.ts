import { type AttackResult, priors } from '@engram/contract';
import type { Measured } from '@engram/domain';
import {
  adequateNonMembers,
  advantage,
  auc,
  clopperPearsonOneSided,
  fisherExactGreater,
  mannWhitney,
  minimumNonMembers,
  type OperatingPoint,
  pairedDelong,
  precision,
  rocBand,
  rocHeight,
  tprAtCalibratedThreshold,
  tprAtFpr,
} from '@engram/metrics';
import type { ChosenAttack } from '../decisions.js';
import type { BlindGate } from './gates/blind-gate.js';
import type { SwappedModel } from './gates/control-gates.js';

export interface AttackScores {
  readonly chosen: ChosenAttack;
  /** (n) the scores of the attack named beforehand; null for that attack itself. */
  readonly primaryScores: Float64Array | null;
  /** (n) of the samples judged; higher = more member-like. */
  readonly scores: Float64Array;
  readonly membership: Uint8Array;
  /** (c) of the non-members set aside; empty without any. */
  readonly calibrationScores: Float64Array;
  readonly control: SwappedModel;
  readonly referenceModels: number;
  readonly fpr: readonly number[];
  readonly confidence: number;
  readonly seed: number;
  readonly blind: Pick<BlindGate, 'scored'>;
}

const histogramBins = 40;

/** Everything a report says of one attack's scores; p-values not yet corrected for the other attacks. */
export function measureAttack(input: AttackScores): AttackResult {
  const { chosen, scores, membership, confidence, seed, primaryScores } = input;
  const band = rocBand(scores, membership, { confidence });
  const pValue = detectionPValue(scores, membership);
  const blind = againstBlind(input);
  return {
    attack: chosen.attack,
    scoreId: chosen.scoreId,
    params: { ...chosen.params } as AttackResult['params'],
    primary: primaryScores === null,
    direction: 'higherIsMember',
    auc: auc(scores, membership, { confidence, seed }),
    pValue,
    adjustedPValue: pValue,
    againstPrimary: primaryScores === null ? null : againstPrimary(scores, primaryScores, membership, confidence),
    tprAtFpr: input.fpr.map((fpr) => pointAt(input, fpr)),
    aboveAllNonMembers: aboveAllNonMembers(scores, membership, confidence),
    advantage: { ...advantage(scores, membership, { seed, confidence }), threshold: 'otherHalf' },
    roc: { fpr: [...band.fpr], tpr: [...band.tpr], low: [...band.low], high: [...band.high] },
    histogram: histogramOf(scores, membership),
    pValueAgainstBlind: blind?.pValueGreater ?? null,
    aucAboveBlind: blind?.difference ?? null,
    control: input.control.auc,
    referenceModels: input.referenceModels,
  };
}

/** What the attack finds at each rate with a reference model in the target's place: nothing, if all is well. */
export function controlRates({ control, fpr, membership, confidence }: AttackScores): Measured[] {
  const { scores, auc: whyNot } = control;
  return fpr.map((rate) => (scores === null ? whyNot : tprAtFpr(scores, membership, { fpr: rate, confidence }).tpr));
}

/** One-sided p-value of members scoring above non-members. */
export function detectionPValue(scores: Float64Array, membership: Uint8Array): number {
  const side = (wanted: number) => scores.filter((_, i) => membership[i] === wanted);
  const [members, nonMembers] = [side(1), side(0)];
  return members.length === 0 || nonMembers.length === 0 ? 1 : mannWhitney(members, nonMembers).pValueGreater;
}

/** The threshold comes from the calibration samples where they are enough for the rate, else from the non-members. */
export function operatingPoint(
  {
    scores,
    membership,
    calibrationScores,
    confidence,
  }: Pick<AttackScores, 'scores' | 'membership' | 'calibrationScores' | 'confidence'>,
  fpr: number,
): OperatingPoint {
  return calibrationScores.length >= minimumNonMembers(fpr)
    ? tprAtCalibratedThreshold(scores, membership, calibrationScores, { fpr, confidence })
    : tprAtFpr(scores, membership, { fpr, confidence });
}

function pointAt(input: AttackScores, fpr: number): AttackResult['tprAtFpr'][number] {
  const { scores, membership, confidence } = input;
  const point = operatingPoint(input, fpr);
  const calibrated = !point.inSample;
  const pValue = ratePValue(point);
  return {
    fpr,
    measured: point.tpr,
    realisedFpr: point.realisedFpr,
    threshold: calibrated ? 'calibration' : 'nonMembers',
    height: rocHeight(scores, membership, { fpr, confidence }),
    precision: priors.map((prior) => ({ prior, measured: precisionOf(point, prior, confidence) })),
    pValue,
    adjustedPValue: pValue,
    ...cautionOf(point, calibrated ? 'calibration samples' : 'non-members'),
  };
}

/**
 * In sample the threshold is the (k + 1)-th largest non-member, k = the false positives allowed: where ties leave fewer
 * flagged, the test still counts the k allowed, so that they cost power and not validity.
 */
function ratePValue({ flagged, fpr, inSample }: OperatingPoint): number | null {
  if (flagged === undefined) return null;
  const { members, nonMembers } = flagged;
  const allowed = inSample ? Math.floor(fpr * nonMembers.n + 1e-9) : nonMembers.count;
  return fisherExactGreater(members, { count: allowed, n: nonMembers.n });
}

function precisionOf({ flagged, tpr }: OperatingPoint, prior: number, confidence: number): Measured {
  return flagged === undefined ? tpr : precision(flagged.members, flagged.nonMembers, prior, confidence);
}

function cautionOf({ fewNonMembers, fpr }: OperatingPoint, who: string): { caution?: string } {
  if (!fewNonMembers) return {};
  return {
    caution: `Fewer than the ${adequateNonMembers(fpr)} ${who} an estimate at this rate wants: read the interval, not the value.`,
  };
}

/** The step above the largest non-member, and the rate it certifies: with 0 of n flagged, 1 - (1 - confidence)^(1/n). */
function aboveAllNonMembers(
  scores: Float64Array,
  membership: Uint8Array,
  confidence: number,
): AttackResult['aboveAllNonMembers'] {
  const { tpr, flagged } = tprAtFpr(scores, membership, { fpr: 0, confidence });
  const n = flagged?.nonMembers.n ?? 0;
  return { measured: tpr, certifiedFpr: n === 0 ? 1 : clopperPearsonOneSided(0, n, 'upper', confidence) };
}

function againstPrimary(
  scores: Float64Array,
  primary: Float64Array,
  membership: Uint8Array,
  confidence: number,
): AttackResult['againstPrimary'] {
  const { difference, pValueTwoSided } = pairedDelong(scores, primary, membership, confidence);
  return { difference, pValueTwoSided };
}

function againstBlind({ scores, membership, blind, confidence }: AttackScores) {
  if (blind.scored === null) return null;
  const { rows, scores: theirs } = blind.scored;
  const ours = Float64Array.from(rows, (row) => scores[row]);
  return pairedDelong(
    ours,
    theirs,
    Uint8Array.from(rows, (row) => membership[row]),
    confidence,
  );
}

/** Shares per bin between the 0.5 % and 99.5 % quantiles; what lies beyond is counted in the outer bins. */
function histogramOf(scores: Float64Array, membership: Uint8Array): AttackResult['histogram'] {
  const sorted = scores.slice().sort();
  const low = sorted[Math.floor(0.005 * (sorted.length - 1))];
  const high = sorted[Math.ceil(0.995 * (sorted.length - 1))];
  const width = (high - low) / histogramBins || 1;
  const edges = Array.from({ length: histogramBins + 1 }, (_, i) => low + i * width);
  const counts = {
    members: new Array<number>(histogramBins).fill(0),
    nonMembers: new Array<number>(histogramBins).fill(0),
  };
  let members = 0;
  scores.forEach((score, i) => {
    const bin = Math.max(0, Math.min(histogramBins - 1, Math.floor((score - low) / width)));
    counts[membership[i] === 1 ? 'members' : 'nonMembers'][bin] += 1;
    members += membership[i];
  });
  const nonMembers = scores.length - members;
  return {
    edges,
    members: counts.members.map((count) => count / Math.max(1, members)),
    nonMembers: counts.nonMembers.map((count) => count / Math.max(1, nonMembers)),
  };
}
