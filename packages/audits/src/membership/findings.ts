import { type AttackResult, type Finding, type Gate, severities } from '@engram/contract';
import { type Measured, notMeasured, type Verdict } from '@engram/domain';
import { percent } from '../report/percent.js';
import { attackAuc, exposedShare, gateQuantities } from '../report/quantities.js';
import { detects, exceedsItsRate, gateNames } from './verdict.js';

/** An attack's result, and its true positive rates with a reference model in the target's place, rate by rate. */
export interface ControlledAttack {
  readonly result: AttackResult;
  readonly controlRates: readonly Measured[];
}

/**
 * Claims worth acting on, most severe first. An invalid audit claims only that it is invalid; without a leak nothing is
 * claimed, and of a leak only what stands after correction for the number of attacks and rates.
 */
export function membershipFindings(
  verdict: Verdict,
  attacks: readonly ControlledAttack[],
  gates: readonly Gate[],
  confidence: number,
): Required<Finding>[] {
  if (verdict === 'invalid')
    return gates.filter((gate) => gate.outcome === 'fail' || gate.outcome === 'warn').map(gateFinding);
  if (verdict !== 'leak') return [];
  const level = 1 - confidence;
  return attacks
    .flatMap(({ result, controlRates }) => [
      detects(result, level) ? aucFinding(result) : null,
      ...result.tprAtFpr.map((point, i) =>
        exceedsItsRate(point, level) ? tprFinding(result, point, controlRates[i]) : null,
      ),
    ])
    .filter((finding) => finding !== null)
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

function gateFinding(gate: Gate): Required<Finding> {
  return {
    id: `membership.gate.${gate.gate}`,
    severity: gate.outcome === 'fail' ? 'high' : 'medium',
    statement: `The ${gateNames[gate.gate]} gate says these data cannot show membership: ${gate.statement}`,
    quantity: gateQuantities[gate.gate],
    measured: gate.measured,
    control: notMeasured('ENG_NOT_REQUESTED', 'a gate is itself a control'),
  };
}

function aucFinding({ scoreId, auc, control, primary }: AttackResult): Required<Finding> | null {
  if (auc.status !== 'measured') return null;
  const severity = auc.low >= 0.7 ? 'high' : auc.low >= 0.6 ? 'medium' : 'low';
  const pairs = Math.round(auc.value * 100);
  return {
    id: `membership.${scoreId}.auc`,
    severity,
    statement: `Shown one member and one non-member, ${scoreId} picks the member in ${pairs} of 100 pairs; chance is 50.${primary ? '' : ' (Exploratory: not the attack named beforehand.)'}`,
    quantity: attackAuc,
    measured: auc,
    control,
  };
}

function tprFinding(
  { scoreId, primary }: AttackResult,
  point: AttackResult['tprAtFpr'][number],
  control: Measured,
): Required<Finding> | null {
  const { fpr, measured } = point;
  if (measured.status !== 'measured') return null;
  const ratio = measured.low / fpr;
  return {
    id: `membership.${scoreId}.tpr@${fpr}`,
    severity: ratio >= 10 ? 'high' : ratio >= 3 ? 'medium' : 'low',
    statement: `Accusing ${percent(fpr)} of non-members wrongly, ${scoreId} identifies ${(measured.value * 100).toFixed(1)} % of members (${(measured.value / fpr).toFixed(1)} times chance).${primary ? '' : ' (Exploratory: not the attack named beforehand.)'}`,
    quantity: exposedShare(fpr),
    measured,
    control,
  };
}
