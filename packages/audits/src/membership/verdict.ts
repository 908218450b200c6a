import type { AttackResult, Gate, MembershipReport } from '@engram/contract';
import type { Verdict } from '@engram/domain';
import { holm } from '@engram/metrics';
import { percent } from '../report/percent.js';
import { blindClassifierCount, negligibleAuc, negligibleRatio, samplesToSettle } from './samples-to-settle.js';

export interface Conclusion {
  readonly verdict: Verdict;
  readonly statement: string;
  /** What would settle an inconclusive verdict. */
  readonly samplesToSettle: MembershipReport['samplesToSettle'];
}

/** What the samples judged were. */
export interface Judged {
  readonly members: number;
  readonly nonMembers: number;
  readonly confidence: number;
}

/**
 * What the evidence allows to be said.
 *
 * - `invalid`: a gate failed: whatever the attacks show may come from a difference between the two groups rather than from
 *   the model.
 * - `leak`: some attack is above chance, or finds more members at a named rate than its false positives explain. Half of
 *   the error 1 - confidence is spent on the AUC of the attack named beforehand, a quarter on the AUCs of the others and a
 *   quarter on the rates of all, each of the two shared by Holm's correction: together no more than that of one test.
 * - `noLeakFound`: none is, and the samples were enough to rule out, for every attack that ran, an AUC of 0.55 and ten
 *   times the false positive rate at every rate that was measured.
 * - `inconclusive`: none is, but the samples were too few to rule that out, or some attack is below chance, which turned
 *   round would be above it; or one is, but the samples were too few to tell its success from that of a blind classifier;
 *   or no attack could run.
 *
 * @param results corrected for their number (`correctForMultiplicity`).
 */
export function concludeMembership(
  results: readonly AttackResult[],
  gates: readonly Gate[],
  judged: Judged,
): Conclusion {
  const failed = gates.find((gate) => gate.outcome === 'fail');
  if (failed !== undefined)
    return {
      verdict: 'invalid',
      statement: `The ${gateNames[failed.gate]} gate failed: ${failed.statement} Membership cannot be judged from these data.`,
      samplesToSettle: null,
    };
  if (results.length === 0)
    return {
      verdict: 'inconclusive',
      statement: 'No test of membership was run; where one was asked for, the reason stands with it.',
      samplesToSettle: null,
    };
  const detecting = detectingAttacks(results, 1 - judged.confidence);
  return detecting.length > 0 ? concludeDetected(detecting, gates, judged) : concludeSilent(results, judged);
}

/** Some attack is above chance: what that proves depends on what the blind baseline could do. */
function concludeDetected(detecting: readonly AttackResult[], gates: readonly Gate[], judged: Judged): Conclusion {
  const level = 1 - judged.confidence;
  const blind = gates.find((gate) => gate.gate === 'blindBaseline');
  const better = beatingBlind(detecting, level);
  if (better.length === 0 && blind?.outcome === 'inconclusive') {
    const settle = samplesToSettle({ ...judged, attacks: blindClassifierCount, rates: [] });
    return {
      verdict: 'inconclusive',
      statement: `${describeFirst(detecting, level)}, but no better than a classifier that never saw the model might: ${blind.statement}${settling(settle, judged)}`,
      samplesToSettle: settle,
    };
  }
  const caution =
    blind?.outcome === 'inconclusive'
      ? ' The blind baseline had too few samples to rule out a difference between the groups, but the attack does better than it.'
      : '';
  return {
    verdict: 'leak',
    statement: `Members can be told from non-members: ${describeFirst(better.length > 0 ? better : detecting, level)}.${caution}`,
    samplesToSettle: null,
  };
}

/** Attacks above chance, by their AUC or at some rate. */
function detectingAttacks(results: readonly AttackResult[], level: number): AttackResult[] {
  return results.filter(
    (result) => detects(result, level) || result.tprAtFpr.some((point) => exceedsItsRate(point, level)),
  );
}

/** Whether some attack is above chance and better than the blind baseline too. */
export function someBeatsBlind(results: readonly AttackResult[], level: number): boolean {
  return beatingBlind(detectingAttacks(results, level), level).length > 0;
}

/** The attacks that beat the blind baseline by the paired test, corrected for their number. */
function beatingBlind(results: readonly AttackResult[], level: number): AttackResult[] {
  const adjusted = holm(results.map(({ pValueAgainstBlind }) => pValueAgainstBlind ?? 1));
  return results.filter((_, i) => adjusted[i] <= level);
}

function concludeSilent(results: readonly AttackResult[], judged: Judged): Conclusion {
  const { confidence } = judged;
  const reversed = results.find((result) => isBelowChance(result, reversedByChance / results.length));
  if (reversed !== undefined) return concludeReversed(reversed);
  const widest = Math.max(0.5, ...results.map(({ auc }) => (auc.status === 'measured' ? auc.high : 1)));
  const rates = results.flatMap(({ tprAtFpr }) => tprAtFpr.filter(({ measured }) => measured.status === 'measured'));
  const open = rates.filter((point) => mostFound(point) >= negligibleRatio * point.fpr);
  if (widest < negligibleAuc && open.length === 0)
    return {
      verdict: 'noLeakFound',
      statement: `No attack does better than chance, and an AUC of ${negligibleAuc} or more is ruled out for all of them at ${percent(confidence)}.`,
      samplesToSettle: null,
    };
  const settle = samplesToSettle({
    ...judged,
    attacks: results.length,
    rates: rates.length === 0 ? [] : [...new Set(rates.map(({ fpr }) => fpr))],
  });
  const least = Math.min(...open.map(({ fpr }) => fpr));
  const what =
    widest >= negligibleAuc
      ? `an AUC up to ${widest.toFixed(3)} cannot be ruled out`
      : `${negligibleRatio} times chance at a false positive rate of ${percent(least)} cannot be ruled out`;
  return {
    verdict: 'inconclusive',
    statement: `No attack does better than chance, but with these samples ${what}.${settling(settle, judged)}`,
    samplesToSettle: settle,
  };
}

/** Members scored below non-members: the two can be told apart, but not in the way members are. */
function concludeReversed(result: AttackResult): Conclusion {
  return {
    verdict: 'inconclusive',
    statement: `${describeAuc(result)}: it puts members below non-members, and turned round it would tell them apart. Look whether member = 1 marks the samples trained on, whether recorded outputs have the right sign and label, and whether both groups are of one source; then audit again.`,
    samplesToSettle: null,
  };
}

/**
 * The largest share of members that may be found at exactly the rate. The interval at the threshold in use would not do:
 * where that lies too high by chance it rules out ten times the rate in seven of a hundred audits in which it is found.
 */
function mostFound({ height, measured }: AttackResult['tprAtFpr'][number]): number {
  if (height.status === 'measured') return height.high;
  return measured.status === 'measured' ? measured.high : 1;
}

/** The number, beside how many there were; nothing where there were enough, and another draw must decide. */
function settling({ perSide }: NonNullable<Conclusion['samplesToSettle']>, { members, nonMembers }: Judged): string {
  const fewest = Math.min(members, nonMembers);
  return perSide > fewest
    ? ` ${perSide} samples on each side would settle it: ${perSide - fewest} more than the ${fewest} of the smaller side.`
    : ' The samples would settle it in most draws; this one lies between. Audit fresh samples.';
}

export const gateNames = {
  blindBaseline: 'blind-baseline',
  sharedSamples: 'shared-samples',
  modelSwap: 'model-swap',
  splitHalf: 'split-half',
} as const satisfies Record<Gate['gate'], string>;

/** The AUC is above chance: by its share of the error, and by its whole interval. */
export function detects({ auc, adjustedPValue, primary }: AttackResult, level: number): boolean {
  return auc.status === 'measured' && auc.low > 0.5 && adjustedPValue <= level / (primary ? 2 : 4);
}

/** In a sound audit some attack puts members below non-members so far once in two thousand times. */
const reversedByChance = 0.0005;

function isBelowChance({ auc, pValue }: AttackResult, level: number): boolean {
  return auc.status === 'measured' && auc.high < 0.5 && 1 - pValue <= level;
}

/** More true positives than false positives explain, after correction over all attacks and rates. */
export function exceedsItsRate({ measured, adjustedPValue }: AttackResult['tprAtFpr'][number], level: number): boolean {
  return measured.status === 'measured' && adjustedPValue !== null && adjustedPValue <= level / 4;
}

function aucOf({ auc }: AttackResult): number {
  return auc.status === 'measured' ? auc.value : 0;
}

/**
 * The attack named beforehand, or where that one is not above chance the one with the largest AUC, said to be exploratory:
 * the best of several looks better than it is. Where its AUC is not above chance, the rate at which it finds members.
 */
function describeFirst(detecting: readonly AttackResult[], level: number): string {
  const primary = detecting.find((result) => result.primary);
  if (primary !== undefined) return describe(primary, level);
  const largest = detecting.reduce((a, b) => (aucOf(b) > aucOf(a) ? b : a));
  return `${describe(largest, level)}, an exploratory attack, corrected for how many there were`;
}

function describe(result: AttackResult, level: number): string {
  const point = result.tprAtFpr.find((one) => exceedsItsRate(one, level));
  if (!detects(result, level) && point?.measured.status === 'measured')
    return `${result.scoreId} finds ${percent(point.measured.value)} of members (at least ${percent(point.measured.low)}) while accusing ${percent(point.fpr)} of non-members wrongly`;
  return describeAuc(result);
}

function describeAuc(result: AttackResult): string {
  const { auc } = result;
  return auc.status === 'measured'
    ? `${result.scoreId} reaches an AUC of ${auc.value.toFixed(3)} (${percent(auc.confidence)} interval ${auc.low.toFixed(3)} to ${auc.high.toFixed(3)}, n = ${auc.n})`
    : `${result.scoreId} finds members`;
}
