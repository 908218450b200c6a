import {
  inclusionCountAuc,
  leaksMembership,
  leaveOneOut,
  type MembershipSignals,
  type PlannedMembershipAttack,
  type ReferenceSignals,
} from '@engram/attacks';
import type { Gate } from '@engram/contract';
import { asEngramError, type Measured, notMeasured } from '@engram/domain';
import { auc, nullStandardError, splitHalves } from '@engram/metrics';
import { normalQuantile } from '@engram/numeric';

/** One stands in for the target, its complement is left out, and attacks need a pair to compare with. */
const fewestReferences = 4;

/** An attack's result with a reference model in the target's place. */
export interface SwappedModel {
  /** Or why there is none. */
  readonly auc: Measured;
  /** (n) null when the attack could not be run so. */
  readonly scores: Float64Array | null;
}

export function noControl(references: number): Measured {
  return notMeasured(
    'ENG_NOT_REQUESTED',
    references === 0
      ? 'no reference model was there to stand in for the target'
      : `with ${references} reference models none can stand in for the target: ${fewestReferences} are needed`,
  );
}

/**
 * The attack on a model known not to hold the members: a reference stands in for the target, its complement (trained on
 * exactly the other samples) leaves the bank with it, and the labels stay the target's. Members and non-members are in it
 * alike, so its AUC against them must be 1/2.
 *
 * @param membership of the samples judged: the first of those the signals are of.
 */
export function modelSwapControl(
  attack: PlannedMembershipAttack,
  signals: MembershipSignals,
  membership: Uint8Array,
  seed: number,
  confidence: number,
): SwappedModel {
  const { reference } = signals;
  if (reference === undefined || reference.models < fewestReferences)
    return { auc: noControl(reference?.models ?? 0), scores: null };
  const model = standIn(reference, membership);
  if (model < 0) return { auc: noStandIn, scores: null };
  try {
    const swapped = leaveOneOut(reference, model, signals).signals;
    const scores = attack.score(swapped, { seed }).subarray(0, membership.length);
    return { auc: auc(scores, membership, { confidence, seed }), scores };
  } catch (error) {
    // An attack that needs more than the remaining references, or outputs a reference does not keep, has no control.
    const { family, message } = asEngramError(error);
    if (family !== 'notApplicable') throw error;
    const reason = `the attack cannot be run on a reference model in the target’s place (${message})`;
    return { auc: notMeasured('ENG_ATTACK_NOT_APPLICABLE', reason), scores: null };
  }
}

const noStandIn = notMeasured(
  'ENG_ATTACK_NOT_APPLICABLE',
  'every reference model was trained on more of one side than of the other, so none can stand in for the target',
);

/** The first reference that members and non-members are in alike; any trained here is one. -1 when there is none. */
function standIn({ models, trainedOn }: ReferenceSignals, membership: Uint8Array): number {
  const n = trainedOn.length / models;
  return Array.from({ length: models }, (_, model) => model).findIndex((model) => {
    const mask = trainedOn.subarray(model * n, model * n + membership.length);
    return !leaksMembership(inclusionCountAuc(mask, 1, membership));
  });
}

export function modelSwapGate(measured: Measured, membership: Uint8Array): Gate {
  if (measured.status === 'notMeasured')
    return { gate: 'modelSwap', outcome: 'notRun', measured, statement: `not run: ${measured.reason}.` };
  const { outcome, value } = { outcome: judgeControl(measured, membership), value: measured.value.toFixed(3) };
  return {
    gate: 'modelSwap',
    outcome,
    measured,
    statement:
      outcome === 'pass'
        ? `with a model that does not hold the members in the target's place, the primary attack finds nothing (AUC ${value}).`
        : `with a model that does not hold the members in the target's place, the primary attack still tells the groups apart (AUC ${value}).`,
  };
}

/** The primary attack between two random halves of the non-members: there is nothing to find. */
export function splitHalfGate(scores: Float64Array, membership: Uint8Array, seed: number, confidence: number): Gate {
  const theirs = scores.filter((_, i) => membership[i] === 0);
  const halves = splitHalves(theirs.length, seed);
  const measured = auc(theirs, halves, { confidence, seed });
  if (measured.status === 'notMeasured')
    return { gate: 'splitHalf', outcome: 'notRun', measured, statement: `not run: ${measured.reason}.` };
  const outcome = judgeControl(measured, halves);
  return {
    gate: 'splitHalf',
    outcome,
    measured,
    statement:
      outcome === 'pass'
        ? `between two halves of the non-members the primary attack finds nothing (AUC ${measured.value.toFixed(3)}).`
        : `between two random halves of the non-members the primary attack finds a difference (AUC ${measured.value.toFixed(3)}).`,
  };
}

/**
 * A sound control leaves its 95 % interval one time in twenty, so a near miss only warns; a failure is a miss that would
 * happen less than once in a thousand sound audits. What is sound has an AUC of 1/2, so the spread is that of the null: the
 * spread at an extreme AUC is smaller and would fail too often.
 */
export function judgeControl(
  measured: Measured & { status: 'measured' },
  labels: Uint8Array,
): 'pass' | 'warn' | 'fail' {
  if (measured.low <= 0.5 && measured.high >= 0.5) return 'pass';
  const members = labels.reduce((sum, label) => sum + label, 0);
  const standardError = nullStandardError({ members, nonMembers: labels.length - members });
  return Math.abs(measured.value - 0.5) > normalQuantile(0.9995) * standardError ? 'fail' : 'warn';
}
