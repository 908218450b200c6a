import type { AttackResult, Gate } from '@engram/contract';
import type { Verdict } from '@engram/domain';
import { normalQuantile } from '@engram/numeric';

/** An attack's evidence against chance, as the verdict weighs it. */
export interface Evidence {
  readonly result: AttackResult;
  /** One-sided p-value of the AUC being above 1/2, corrected over the attacks of this audit (Holm). */
  readonly pValue: number;
}

export interface Conclusion {
  readonly verdict: Verdict;
  readonly statement: string;
}

/** An AUC whose whole interval stays below this is too small to call a leak of any practical size. */
const negligibleAuc = 0.55;

/**
 * What the evidence allows to be said.
 *
 * - `invalid`: a gate failed, or the blind baseline differs from chance and no attack beats it: whatever the attacks
 *   show may come from a difference between the two groups rather than from the model.
 * - `leak`: some attack is above chance after correction for their number, or finds more members at a named rate than
 *   its false positives explain.
 * - `noLeakFound`: none is, and the samples were enough to rule out an AUC of 0.55 for every attack that ran.
 * - `inconclusive`: none is, but the samples were too few to rule it out.
 */
export function concludeMembership(
  evidence: readonly Evidence[],
  gates: readonly Gate[],
  confidence: number,
): Conclusion {
  const failed = gates.find((gate) => gate.outcome === 'fail');
  if (failed !== undefined)
    return {
      verdict: 'invalid',
      statement: `The ${gateNames[failed.gate]} gate failed: ${failed.statement} Membership cannot be judged from these data.`,
    };
  const level = 1 - confidence;
  const detecting = evidence.filter(
    ({ result, pValue }) => (pValue <= level && aboveChance(result)) || result.tprAtFpr.some(exceedsItsRate),
  );
  if (detecting.length > 0) {
    const blind = gates.find((gate) => gate.gate === 'blindBaseline');
    const beatsBlind = detecting.some(
      ({ result }) => result.pValueAgainstBlind !== null && result.pValueAgainstBlind <= level,
    );
    if (blind?.outcome === 'warn' && !beatsBlind)
      return {
        verdict: 'invalid',
        statement: `A classifier that never saw the model tells the two groups apart about as well as the best attack does: ${blind.statement} Membership cannot be judged from these data.`,
      };
    const best = detecting.reduce((a, b) => (aucOf(b.result) > aucOf(a.result) ? b : a)).result;
    const caution =
      blind?.outcome === 'inconclusive'
        ? ' The blind baseline had too few samples to rule out a difference between the groups.'
        : '';
    return {
      verdict: 'leak',
      statement: `Members can be told from non-members: ${best.scoreId} reaches ${describeAuc(best)}.${caution}`,
    };
  }
  const widest = Math.max(
    0.5,
    ...evidence.map(({ result }) => (result.auc.status === 'measured' ? result.auc.high : 1)),
  );
  if (widest < negligibleAuc)
    return {
      verdict: 'noLeakFound',
      statement: `No attack does better than chance, and an AUC of ${negligibleAuc} or more is ruled out for all of them at ${percent(confidence)}.`,
    };
  const needed = samplesToRuleOut(evidence, confidence);
  return {
    verdict: 'inconclusive',
    statement: `No attack does better than chance, but with these samples an AUC up to ${widest.toFixed(3)} cannot be ruled out.${needed === null ? '' : ` About ${needed} samples on each side would settle it.`}`,
  };
}

export const gateNames = {
  blindBaseline: 'blind-baseline',
  modelSwap: 'model-swap',
  splitHalf: 'split-half',
} as const satisfies Record<Gate['gate'], string>;

function aboveChance({ auc }: AttackResult): boolean {
  return auc.status === 'measured' && auc.low > 0.5;
}

/** More true positives than the false positive rate, even taking both intervals at their worst. */
function exceedsItsRate({ measured, realisedFpr }: AttackResult['tprAtFpr'][number]): boolean {
  return measured.status === 'measured' && realisedFpr.status === 'measured' && measured.low > realisedFpr.high;
}

function aucOf({ auc }: AttackResult): number {
  return auc.status === 'measured' ? auc.value : 0;
}

function describeAuc({ auc }: AttackResult): string {
  return auc.status === 'measured'
    ? `an AUC of ${auc.value.toFixed(3)} (${percent(auc.confidence)} interval ${auc.low.toFixed(3)} to ${auc.high.toFixed(3)}, n = ${auc.n})`
    : 'no measurable AUC';
}

/**
 * Samples per side at which the widest interval would end below 0.55 if its AUC were 1/2: the half-width of a null AUC
 * with n on each side is z sqrt((2n + 1) / (12 n^2)), about z / sqrt(6 n).
 */
function samplesToRuleOut(evidence: readonly Evidence[], confidence: number): number | null {
  if (evidence.length === 0) return null;
  const z = normalQuantile((1 + confidence) / 2);
  const n = (z / (negligibleAuc - 0.5)) ** 2 / 6;
  const current = Math.max(...evidence.map(({ result }) => (result.auc.status === 'measured' ? result.auc.n / 2 : 0)));
  return Math.ceil(Math.max(n, 2 * current) / 100) * 100;
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 1000) / 10} %`;
}
