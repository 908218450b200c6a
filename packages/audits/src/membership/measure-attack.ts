import type { AttackResult } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { adequateNonMembers, auc, mannWhitney, pairedDelong, rocBand, tprAtFpr } from '@engram/metrics';
import type { ChosenAttack } from '../decisions.js';
import type { BlindGate } from './blind-gate.js';
import type { SwappedModel } from './control-gates.js';

export interface AttackScores {
  readonly chosen: ChosenAttack;
  readonly primary: boolean;
  /** (n) higher = more member-like. */
  readonly scores: Float64Array;
  readonly membership: Uint8Array;
  readonly control: SwappedModel;
  readonly referenceModels: number;
  readonly fpr: readonly number[];
  readonly confidence: number;
  readonly seed: number;
  readonly blind: BlindGate;
}

const histogramBins = 40;

/** Everything a report says of one attack's scores. */
export function measureAttack(input: AttackScores): AttackResult {
  const { chosen, scores, membership, confidence } = input;
  const band = rocBand(scores, membership, { confidence });
  return {
    attack: chosen.attack,
    scoreId: chosen.scoreId,
    params: { ...chosen.params } as AttackResult['params'],
    primary: input.primary,
    direction: 'higherIsMember',
    auc: auc(scores, membership, { confidence, seed: input.seed }),
    tprAtFpr: input.fpr.map((fpr) => pointAt(scores, membership, fpr, confidence)),
    roc: { fpr: [...band.fpr], tpr: [...band.tpr], low: [...band.low], high: [...band.high] },
    histogram: histogramOf(scores, membership),
    pValueAgainstBlind: againstBlind(input),
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

function pointAt(
  scores: Float64Array,
  membership: Uint8Array,
  fpr: number,
  confidence: number,
): AttackResult['tprAtFpr'][number] {
  const point = tprAtFpr(scores, membership, { fpr, confidence });
  return {
    fpr,
    measured: point.tpr,
    realisedFpr: point.realisedFpr,
    ...(point.fewNonMembers
      ? {
          caution: `Fewer than the ${adequateNonMembers(fpr)} non-members an estimate at this rate wants: read the interval, not the value.`,
        }
      : {}),
  };
}

function againstBlind({ scores, membership, blind }: AttackScores): number | null {
  if (blind.scored === null) return null;
  const { rows, scores: theirs } = blind.scored;
  const ours = Float64Array.from(rows, (row) => scores[row]);
  return pairedDelong(
    ours,
    theirs,
    Uint8Array.from(rows, (row) => membership[row]),
  ).pValueGreater;
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
