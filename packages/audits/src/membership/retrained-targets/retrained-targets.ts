import { type PlannedMembershipAttack, withRetrainedTarget } from '@engram/attacks';
import type { MembershipReport, RetrainedTargetsReport } from '@engram/contract';
import { asEngramError, type Measured } from '@engram/domain';
import { type OperatingPoint, placements } from '@engram/metrics';
import { mean } from '@engram/numeric';
import { medianOverRuns } from '../../label-memorization/median-over-runs.js';
import type { JoinedReferences } from '../../tasks/read-references.js';
import { operatingPoint } from '../measure-attack.js';
import { type AttackGround, type ScoredAttack, testsOf } from '../run-attack.js';
import { scoreSeed } from '../score-with-control.js';
import { notAskedOfRetrained } from './asked-of-retrained.js';
import { fewestForFlags, flaggedShare, flaggingRate, flagsOf, reliableFlags } from './reliable-flags.js';

export type OverTrainings = RetrainedTargetsReport['attacks'][number]['auc'];

export interface RetrainedAudit {
  /** What the retrained targets say of all rows, asked as reference models are. */
  readonly retrained: JoinedReferences;
  readonly attacks: readonly PlannedMembershipAttack[];
  /** The attacks that ran on the audited model. */
  readonly results: readonly ScoredAttack[];
  readonly ground: AttackGround;
  readonly gates: MembershipReport['gates'];
  readonly target: MembershipReport['target'];
  /** (judged) */
  readonly sampleIds: readonly string[];
}

export interface RetrainedDetails {
  readonly section: RetrainedTargetsReport;
  /** What the primary attack made of all rows, of each retrained target; null where it could not be run on them. */
  readonly primaryScores: readonly Float64Array[] | null;
  /** `flaggedShare` of the per-sample table over all rows, NaN for those set aside; none where nothing is flagged. */
  readonly columns: Readonly<Record<string, Float64Array>>;
  readonly limits: readonly string[];
}

/** One attack on every retrained target. */
interface Repeated {
  readonly scored: ScoredAttack;
  /** Of each retrained target, of all rows. */
  readonly scores: readonly Float64Array[];
}

/**
 * Every attack again with each retrained target in the audited model's place, against the same references: how far its
 * numbers are those of the recipe, and how far those of one run of it. Intervals over samples stand with the attacks; these
 * ranges are over trainings.
 */
export function retrainedTargets(audit: RetrainedAudit): RetrainedDetails {
  const { retrained, attacks, results, ground } = audit;
  const leftOut: { attack: string; reason: string }[] = [];
  const sections: RetrainedTargetsReport['attacks'] = [];
  let primary: Repeated | null = null;
  for (const scored of results) {
    const { scoreId } = scored.result;
    const attack = attacks.find((one) => one.scoreId === scoreId)!;
    const repeated = repeat(attack, scored, retrained, ground);
    if ('reason' in repeated) leftOut.push({ attack: scoreId, reason: repeated.reason });
    else {
      sections.push(overTrainings(repeated, ground));
      if (scored === testsOf(results)[0]) primary = repeated;
    }
  }
  const count = retrained.signals.models;
  const flagged = flagsOfPrimary(audit, primary);
  return {
    section: {
      count,
      outsideByChance: 2 / (count + 1),
      accuracyMembers: accuracy(audit, 1),
      accuracyNonMembers: accuracy(audit, 0),
      attacks: sections,
      leftOut,
      flags: flagged.flags,
    },
    primaryScores: primary?.scores ?? null,
    columns: flagged.columns,
    limits: flagged.limits,
  };
}

function repeat(
  attack: PlannedMembershipAttack,
  scored: ScoredAttack,
  { signals }: JoinedReferences,
  ground: AttackGround,
): Repeated | { readonly reason: string } {
  const reason = notAskedOfRetrained(attack);
  if (reason !== null) return { reason };
  const seed = scoreSeed(ground, attack);
  try {
    const scores = Array.from({ length: signals.models }, (_, model) =>
      attack.score(withRetrainedTarget(ground.signals, signals, model), { seed }),
    );
    return { scored, scores };
  } catch (error) {
    const { family, message } = asEngramError(error);
    if (family !== 'notApplicable') throw error;
    return { reason: message };
  }
}

function overTrainings({ scored, scores }: Repeated, ground: AttackGround): RetrainedTargetsReport['attacks'][number] {
  const { scoreId, primary, auc, tprAtFpr } = scored.result;
  const { membership } = ground;
  const aucs = scores.map((one) => mean(placements(one.subarray(0, membership.length), membership).ofMembers));
  return {
    scoreId,
    primary,
    auc: besideRetrained(auc, aucs),
    tprAtFpr: tprAtFpr.map(({ fpr, measured }) => ({
      fpr,
      ...besideRetrained(
        measured,
        scores.flatMap((one) => {
          const { tpr } = pointOf(one, ground, fpr);
          return tpr.status === 'measured' ? [tpr.value] : [];
        }),
      ),
    })),
  };
}

/**
 * A number of the audited model beside the same of retrained ones.
 *
 * @param values one per retrained target; fewer where it was not measured.
 */
export function besideRetrained(audited: Measured, values: readonly number[]): OverTrainings {
  const retrained = medianOverRuns(values);
  const outside =
    audited.status === 'measured' && retrained.status === 'measured'
      ? audited.value < retrained.low || audited.value > retrained.high
      : null;
  return { audited, retrained, outside };
}

function pointOf(scores: Float64Array, { membership, confidence }: AttackGround, fpr: number): OperatingPoint {
  const judged = membership.length;
  return operatingPoint(
    { scores: scores.subarray(0, judged), membership, calibrationScores: scores.subarray(judged), confidence },
    fpr,
  );
}

/** Names nobody where a control failed: a failed gate says that scores do not show membership. */
function flagsOfPrimary(
  { gates, ground, results, retrained, sampleIds }: RetrainedAudit,
  primary: Repeated | null,
): Omit<RetrainedDetails, 'section' | 'primaryScores'> & { readonly flags: RetrainedTargetsReport['flags'] } {
  const none = (why: string) => ({
    flags: null,
    columns: {},
    limits: [`No member was called reliably exposed by retrained targets: ${why}.`],
  });
  if (retrained.signals.models < fewestForFlags)
    return none(`that takes ${fewestForFlags} of them, and ${retrained.signals.models} were trained`);
  if (gates.some(({ outcome }) => outcome === 'fail')) return none('a gate failed');
  if (primary === null)
    return none(`${testsOf(results)[0]?.result.scoreId ?? 'the first attack'} could not be run on them`);
  const { scored, scores } = primary;
  const fpr = flaggingRate((rate) => pointOf(scored.scores, ground, rate), ground.fpr);
  if (fpr === null) return none('no true positive rate was measured');
  const { membership, confidence } = ground;
  const flags = (one: Float64Array) => flagsOf(one.subarray(0, membership.length), pointOf(one, ground, fpr));
  const theirs = scores.map(flags);
  const column = new Float64Array(scored.scores.length).fill(Number.NaN);
  column.set(flaggedShare(theirs));
  const { scoreId } = scored.result;
  return {
    flags: reliableFlags({
      scoreId,
      fpr,
      retrained: theirs,
      audited: flags(scored.scores),
      membership,
      sampleIds,
      confidence,
    }),
    columns: { flaggedShare: column },
    limits: [],
  };
}

function accuracy({ retrained, ground, target }: RetrainedAudit, side: 0 | 1): OverTrainings | null {
  const { correct, models } = retrained.signals;
  const { membership } = ground;
  if (correct === undefined) return null;
  const rows = correct.length / models;
  const shares = Array.from({ length: models }, (_, model) =>
    mean(correct.subarray(model * rows, model * rows + membership.length).filter((_, i) => membership[i] === side)),
  );
  return besideRetrained(side === 1 ? target.accuracyMembers : target.accuracyNonMembers, shares);
}
