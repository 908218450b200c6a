import type { MembershipSignals, PlannedMembershipAttack } from '@engram/attacks';
import type { AttackResult } from '@engram/contract';
import { deriveSeed } from '@engram/numeric';
import type { ChosenAttack } from '../decisions.js';
import { correctForMultiplicity } from './correct-for-multiplicity.js';
import type { ControlledAttack } from './findings.js';
import type { BlindGate } from './gates/blind-gate.js';
import { type AttackScores, controlRates, measureAttack } from './measure-attack.js';
import type { RawScores } from './score-with-control.js';

/** An attack that ran: its result, its controls, and its scores. */
export interface ScoredAttack extends ControlledAttack {
  /** (n) of all rows. */
  readonly scores: Float64Array;
  /** Of the per-sample table beside them. */
  readonly columns: RawScores['columns'];
}

/** What every attack of an audit is held against. */
export interface AttackGround {
  readonly signals: MembershipSignals;
  /** Of the samples judged: the first of those the signals are of; the others were set aside. */
  readonly membership: Uint8Array;
  readonly blind: Pick<BlindGate, 'scored'>;
  readonly fpr: readonly number[];
  readonly confidence: number;
  readonly seed: number;
}

/**
 * What the report says of one attack's scores.
 *
 * @param primaryScores (judged) of the attack named beforehand; null for that attack itself.
 */
export function measureScored(
  attack: PlannedMembershipAttack,
  chosen: ChosenAttack,
  { scores, columns, control }: RawScores,
  ground: AttackGround,
  primaryScores: Float64Array | null,
): ScoredAttack {
  const { signals, membership, seed, confidence } = ground;
  const input: AttackScores = {
    chosen,
    primaryScores,
    scores: scores.subarray(0, membership.length),
    membership,
    calibrationScores: scores.subarray(membership.length),
    control,
    referenceModels: attack.references === null ? 0 : (signals.reference?.models ?? 0),
    fpr: ground.fpr,
    confidence,
    seed: deriveSeed(seed, 'interval', attack.scoreId),
    blind: ground.blind,
  };
  const result = measureAttack(input);
  return {
    result: attack.ranks === 'membership' ? result : asRanking(result),
    controlRates: controlRates(input),
    scores,
    columns,
  };
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
