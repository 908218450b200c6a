import type { MembershipSignals, PlannedMembershipAttack } from '@engram/attacks';
import type { AttackResult } from '@engram/contract';
import { EngramError } from '@engram/domain';
import { deriveSeed } from '@engram/numeric';
import type { ChosenAttack } from '../decisions.js';
import type { BlindGate } from './blind-gate.js';
import { comparesConfidences, largestClippedShare } from './compares-confidences.js';
import { modelSwapControl } from './control-gates.js';
import { correctForMultiplicity } from './correct-for-multiplicity.js';
import type { ControlledAttack } from './findings.js';
import { type AttackScores, controlRates, measureAttack } from './measure-attack.js';

/** An attack that ran: its result, its controls, and its scores. */
export interface ScoredAttack extends ControlledAttack {
  /** (n) of all rows. */
  readonly scores: Float64Array;
}

/** What every attack of an audit is run on, and held against. */
export interface AttackGround {
  readonly signals: MembershipSignals;
  /** Of the samples judged: the first of those the signals are of; the others were set aside. */
  readonly membership: Uint8Array;
  readonly blind: Pick<BlindGate, 'scored'>;
  /** Share of the target's probabilities that are 0 or 1 to their precision. */
  readonly clippedShare: number;
  /** Why no attack may use the reference models; null when they may. */
  readonly leak: EngramError | null;
  readonly fpr: readonly number[];
  readonly confidence: number;
  readonly seed: number;
}

/**
 * Runs one attack with its control.
 *
 * @param number of the attack in its audit: seeds differ by it.
 * @param primaryScores (judged) of the attack named beforehand; null for that attack itself.
 * @throws of the family `notApplicable` when it cannot be run on these signals.
 */
export function runAttack(
  attack: PlannedMembershipAttack,
  chosen: ChosenAttack,
  number: number,
  ground: AttackGround,
  primaryScores: Float64Array | null,
): ScoredAttack {
  const { signals, membership, seed, confidence, leak } = ground;
  refuseClipped(attack, ground.clippedShare);
  if (attack.references !== null && leak !== null) throw leak;
  const scores = attack.score(signals, { seed: scoreSeed(ground, attack) });
  const input: AttackScores = {
    chosen,
    primaryScores,
    scores: scores.subarray(0, membership.length),
    membership,
    calibrationScores: scores.subarray(membership.length),
    control: modelSwapControl(attack, signals, membership, deriveSeed(seed, 'swap', number), confidence),
    referenceModels: attack.references === null ? 0 : (signals.reference?.models ?? 0),
    fpr: ground.fpr,
    confidence,
    seed: deriveSeed(seed, 'interval', number),
    blind: ground.blind,
  };
  const result = measureAttack(input);
  return {
    result: attack.ranks === 'membership' ? result : asRanking(result),
    controlRates: controlRates(input),
    scores,
  };
}

/** What an attack that draws draws from, whichever model is in the target's place. */
export function scoreSeed({ seed }: AttackGround, { scoreId }: Pick<PlannedMembershipAttack, 'scoreId'>): number {
  return deriveSeed(seed, 'score', scoreId);
}

/** A result shown beside the tests of membership: not among them, so compared with none and corrected for none. */
function asRanking(result: AttackResult): AttackResult {
  return { ...result, ranks: 'vulnerability', primary: false, againstPrimary: null };
}

/** Results that are evidence on who is a member. */
export function testsOf<T extends ControlledAttack>(results: readonly T[]): T[] {
  return results.filter(({ result }) => result.ranks === undefined);
}

/** Tests of membership corrected for their number, all results in their order. */
export function corrected(results: readonly ScoredAttack[]): ScoredAttack[] {
  const tests = testsOf(results);
  const adjusted = correctForMultiplicity(tests.map(({ result }) => result));
  return results.map((one) => ({ ...one, result: adjusted[tests.indexOf(one)] ?? one.result }));
}

/** @throws ENG_SATURATED_OUTPUTS an attack that compares confidences would compare clipping with clipping. */
function refuseClipped(attack: PlannedMembershipAttack, share: number): void {
  if (!comparesConfidences(attack) || share <= largestClippedShare) return;
  throw new EngramError(
    'ENG_SATURATED_OUTPUTS',
    `${(100 * share).toFixed(1)} % of the target's probabilities are 0 or 1 to their precision; ${attack.scoreId} needs at most ${100 * largestClippedShare} %`,
    { remedy: 'Give logits instead of probabilities.' },
  );
}
