import type { AttackResult, Gate } from '@engram/contract';
import { type Measured, notMeasured } from '@engram/domain';

/** Parts of reports with numbers chosen by hand. */

export function interval(value: number, low: number, high: number, n = 1000): Measured {
  return { status: 'measured', value, low, high, confidence: 0.95, n, method: 'delong' };
}

const none = notMeasured('ENG_NOT_REQUESTED', 'not needed here');

export function attackResult(scoreId: string, auc: Measured, rest: Partial<AttackResult> = {}): AttackResult {
  return {
    attack: scoreId,
    scoreId,
    params: {},
    primary: true,
    direction: 'higherIsMember',
    auc,
    pValue: 0.5,
    adjustedPValue: 0.5,
    againstPrimary: null,
    tprAtFpr: [],
    aboveAllNonMembers: { measured: none, certifiedFpr: 1 },
    advantage: { advantage: none, balancedAccuracy: none, threshold: 'otherHalf' },
    roc: { fpr: [0, 1], tpr: [0, 1], low: [0, 1], high: [0, 1] },
    histogram: { edges: [0, 1], members: [1], nonMembers: [1] },
    pValueAgainstBlind: null,
    aucAboveBlind: null,
    control: none,
    referenceModels: 0,
    ...rest,
  };
}

export function gate(name: Gate['gate'], outcome: Gate['outcome']): Gate {
  return { gate: name, outcome, measured: interval(0.5, 0.45, 0.55), statement: `${name} came out as ${outcome}.` };
}

/** A rate with the p-value it has after correction. */
export function rateAt(
  fpr: number,
  value: number,
  low: number,
  high: number,
  adjustedPValue = 1,
): AttackResult['tprAtFpr'][number] {
  return {
    fpr,
    measured: interval(value, low, high),
    realisedFpr: interval(fpr, 0.5 * fpr, 2 * fpr),
    threshold: 'nonMembers',
    height: interval(value, low, high),
    precision: [],
    pValue: adjustedPValue,
    adjustedPValue,
  };
}
