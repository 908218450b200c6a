import type { Gate } from '@engram/contract';
import { notMeasured } from '@engram/domain';
import { deriveSeed } from '@engram/numeric';
import type { BlindBaseline } from '../../tasks/score-blind-baseline.js';
import { type AttackGround, type ScoredAttack, testsOf } from '../run-attack.js';
import { someBeatsBlind } from '../verdict.js';
import { settleBlindGate } from './blind-gate.js';
import { modelSwapGate, noControl, splitHalfGate } from './control-gates.js';

/** The gates of an audit once its attacks have run: those on an attack are held against the first that ran. */
export function gatesOf(
  results: readonly ScoredAttack[],
  blind: BlindBaseline,
  { signals, membership, confidence, seed }: AttackGround,
): Gate[] {
  const tests = testsOf(results);
  const [primary] = tests;
  if (primary === undefined) {
    const measured = notMeasured('ENG_ATTACK_NOT_APPLICABLE', 'no attack could be run');
    return [
      blind.gate,
      blind.sharedGate,
      modelSwapGate(signals.reference === undefined ? noControl(0) : measured, membership),
      { gate: 'splitHalf', outcome: 'notRun', measured, statement: `not run: ${measured.reason}.` },
    ];
  }
  const beaten = someBeatsBlind(
    tests.map(({ result }) => result),
    1 - confidence,
  );
  const scores = primary.scores.subarray(0, membership.length);
  return [
    settleBlindGate(blind.gate, beaten),
    blind.sharedGate,
    modelSwapGate(primary.result.control, membership),
    splitHalfGate(scores, membership, deriveSeed(seed, 'halves'), confidence),
  ];
}
