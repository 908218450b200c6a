import type { AttackResult, Gate } from '@engram/contract';
import type { Verdict } from '@engram/domain';

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
 * - `inconclusive`: none is, but the samples were too few to rule it out; or one is, but the samples were too few to
 *   tell its success from that of a blind classifier; or no attack could run.
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
  if (evidence.length === 0)
    return { verdict: 'inconclusive', statement: 'No attack could be run; the reasons stand with each.' };
  const level = 1 - confidence;
  const detecting = evidence.filter(
    ({ result, pValue }) => (pValue <= level && aboveChance(result)) || result.tprAtFpr.some(exceedsItsRate),
  );
  return detecting.length > 0 ? concludeDetected(detecting, gates, level) : concludeSilent(evidence, confidence);
}

/** Some attack is above chance: what that proves depends on what the blind baseline could do. */
function concludeDetected(detecting: readonly Evidence[], gates: readonly Gate[], level: number): Conclusion {
  const blind = gates.find((gate) => gate.gate === 'blindBaseline');
  const better = detecting.filter(
    ({ result }) => result.pValueAgainstBlind !== null && result.pValueAgainstBlind <= level,
  );
  if (better.length === 0 && blind?.outcome === 'warn')
    return {
      verdict: 'invalid',
      statement: `A classifier that never saw the model tells the two groups apart about as well as the best attack does: ${blind.statement} Membership cannot be judged from these data.`,
    };
  if (better.length === 0 && blind?.outcome === 'inconclusive')
    return {
      verdict: 'inconclusive',
      statement: `${describeBest(detecting)}, but no better than a classifier that never saw the model might: ${blind.statement} More samples on each side would settle it.`,
    };
  const caution =
    blind?.outcome === 'inconclusive'
      ? ' The blind baseline had too few samples to rule out a difference between the groups, but the attack does better than it.'
      : '';
  return {
    verdict: 'leak',
    statement: `Members can be told from non-members: ${describeBest(better.length > 0 ? better : detecting)}.${caution}`,
  };
}

function concludeSilent(evidence: readonly Evidence[], confidence: number): Conclusion {
  const widest = Math.max(
    0.5,
    ...evidence.map(({ result }) => (result.auc.status === 'measured' ? result.auc.high : 1)),
  );
  if (widest < negligibleAuc)
    return {
      verdict: 'noLeakFound',
      statement: `No attack does better than chance, and an AUC of ${negligibleAuc} or more is ruled out for all of them at ${percent(confidence)}.`,
    };
  const needed = samplesToRuleOut(evidence);
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

/** The attack with the largest AUC; where that is not above chance, the rate at which it finds members. */
function describeBest(detecting: readonly Evidence[]): string {
  const { result } = detecting.reduce((a, b) => (aucOf(b.result) > aucOf(a.result) ? b : a));
  const point = result.tprAtFpr.find(exceedsItsRate);
  if (!aboveChance(result) && point?.measured.status === 'measured')
    return `${result.scoreId} finds ${percent(point.measured.value)} of members (at least ${percent(point.measured.low)}) while accusing ${percent(point.fpr)} of non-members wrongly`;
  const { auc } = result;
  return auc.status === 'measured'
    ? `${result.scoreId} reaches an AUC of ${auc.value.toFixed(3)} (${percent(auc.confidence)} interval ${auc.low.toFixed(3)} to ${auc.high.toFixed(3)}, n = ${auc.n})`
    : `${result.scoreId} finds members`;
}

/**
 * Samples per side at which every interval would end below 0.55 if its AUC stayed what it is: half-widths shrink with
 * the root of the count. Null when some AUC is itself too close to 0.55 for any reasonable number to settle it.
 */
function samplesToRuleOut(evidence: readonly Evidence[]): number | null {
  const needed = evidence.map(({ result: { auc } }) => {
    if (auc.status !== 'measured') return Number.POSITIVE_INFINITY;
    const room = negligibleAuc - Math.max(0.5, auc.value);
    return room < 0.01 ? Number.POSITIVE_INFINITY : (auc.n / 2) * ((auc.high - auc.value) / room) ** 2;
  });
  const most = Math.max(...needed);
  return Number.isFinite(most) ? Math.ceil(most / 100) * 100 : null;
}

function percent(fraction: number): string {
  return `${Number((100 * fraction).toPrecision(3))} %`;
}
