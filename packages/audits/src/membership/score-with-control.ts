import type { MembershipSignals, PlannedMembershipAttack } from '@engram/attacks';
import { EngramError } from '@engram/domain';
import { deriveSeed } from '@engram/numeric';
import { comparesConfidences, largestClippedShare } from './compares-confidences.js';
import { modelSwapControl, type SwappedModel } from './gates/control-gates.js';

/** What an attack makes of every sample, and of a model that does not hold the members. */
export interface RawScores {
  /** (n) of all rows; higher = more member-like. */
  readonly scores: Float64Array;
  /** Of the per-sample table beside the scores, by name: (n) of all rows each. */
  readonly columns: Readonly<Record<string, Float64Array>>;
  readonly control: SwappedModel;
}

export interface ScoringGround {
  readonly signals: MembershipSignals;
  /** Of the samples judged: the first of those the signals are of; the others were set aside. */
  readonly membership: Uint8Array;
  /** Share of the target's probabilities that are 0 or 1 to their precision. */
  readonly clippedShare: number;
  /** The same of recorded outputs of reference models. */
  readonly referenceClippedShare: number;
  /** Why no attack may use the reference models; null when they may. */
  readonly leak: EngramError | null;
  readonly confidence: number;
  readonly seed: number;
}

/**
 * Runs one attack with its control.
 *
 * @throws of the family `notApplicable` when it cannot be run on these signals.
 */
export function scoreWithControl(attack: PlannedMembershipAttack, ground: ScoringGround): RawScores {
  const { signals, membership, seed, confidence, leak } = ground;
  refuseClipped(attack, 'the target', ground.clippedShare);
  refuseClipped(attack, 'the reference models', ground.referenceClippedShare);
  if (attack.references !== null && leak !== null) throw leak;
  const drawn = { seed: scoreSeed(ground, attack) };
  const scores = attack.score(signals, drawn);
  return {
    scores,
    columns: attack.columns(signals, scores, drawn),
    control: modelSwapControl(attack, signals, membership, deriveSeed(seed, 'swap', attack.scoreId), confidence),
  };
}

/** What an attack that draws draws from, whichever model is in the target's place. */
export function scoreSeed(
  { seed }: Pick<ScoringGround, 'seed'>,
  { scoreId }: Pick<PlannedMembershipAttack, 'scoreId'>,
): number {
  return deriveSeed(seed, 'score', scoreId);
}

/** @throws ENG_SATURATED_OUTPUTS an attack that compares confidences would compare clipping with clipping. */
function refuseClipped(attack: PlannedMembershipAttack, whose: string, share: number): void {
  if (!comparesConfidences(attack) || share <= largestClippedShare) return;
  throw new EngramError(
    'ENG_SATURATED_OUTPUTS',
    `${(100 * share).toFixed(1)} % of the probabilities of ${whose} are 0 or 1 to their precision; ${attack.scoreId} needs at most ${100 * largestClippedShare} %`,
    { remedy: 'Give logits instead of probabilities.' },
  );
}
