import type { NecessityReport } from '@engram/contract';
import { type Measured, notMeasured } from '@engram/domain';
import { clopperPearson } from '@engram/metrics';

/** Non-members found next to a member. */
export interface NearDuplicates {
  readonly count: number;
  /** Non-members compared with all members. */
  readonly judged: number;
}

export interface NecessityEvidence {
  /** Members taken away in each arm. */
  readonly removed: number;
  /** Test accuracy without the exposed less that without random members: over seeds, and over non-members. */
  readonly overSeeds: Measured;
  readonly overSamples: Measured;
  /** Of every model retrained in either arm, on what it was trained on. */
  readonly trainingAccuracies: readonly number[];
  /** Null where the samples were not compared. */
  readonly nearDuplicates: NearDuplicates | null;
  readonly confidence: number;
}

/** Below it, a model has not learned its training set, and what a removal costs says little. */
const convergedAccuracy = 0.995;

/**
 * Whether the members taken away are needed for accuracy beyond their number. Retrained models must have learned what they
 * were given, and no test sample may repeat a training sample: most of the effect once reported came from where one of the
 * two failed. Then the loss of accuracy must exceed that of a random removal both over seeds, as another training would
 * show, and over non-members, as another test set would.
 *
 * @see Feldman and Zhang 2020, "What Neural Networks Memorize and Why", section 4, for the comparison.
 */
export function necessityOf(evidence: NecessityEvidence): NecessityReport {
  const { removed, overSeeds, overSamples, trainingAccuracies, nearDuplicates, confidence } = evidence;
  const leastTrainingAccuracy = Math.min(...trainingAccuracies);
  const conditions = [convergence(leastTrainingAccuracy), distinctness(nearDuplicates)];
  const failed = conditions.filter(({ met }) => !met);
  const falls = [overSeeds, overSamples].every((one) => one.status === 'measured' && one.high < 0);
  const outcome = failed.length > 0 ? 'notClaimed' : falls ? 'shown' : 'notShown';
  const statements = {
    shown: () =>
      `The ${removed} members taken away are needed: without them models get ${points(overSeeds)} points fewer of the non-members right than without as many random ones.`,
    notShown: () =>
      `That the ${removed} members taken away are needed was not shown: without them accuracy on the non-members does not surely fall further than without as many random ones.`,
    notClaimed: () =>
      `Whether the ${removed} members taken away are needed is not said. ${failed.map(({ statement }) => statement).join(' ')}`,
  };
  return {
    outcome,
    statement: statements[outcome](),
    conditions,
    leastTrainingAccuracy,
    nearDuplicates:
      nearDuplicates === null
        ? notMeasured('ENG_NOT_REQUESTED', 'members were not compared with the non-members')
        : clopperPearson(nearDuplicates.count, nearDuplicates.judged, confidence),
  };
}

type Condition = NecessityReport['conditions'][number];

function convergence(least: number): Condition {
  const met = least >= convergedAccuracy;
  const wanted = `${100 * convergedAccuracy} %`;
  // Rounded down: what falls short of the mark is not to read as the mark.
  const got = `${(Math.floor(1000 * least) / 10).toFixed(1)} %`;
  return {
    condition: 'converged',
    met,
    statement: met
      ? `Every retrained model gets at least ${got} of its own training samples right; ${wanted} are needed.`
      : `Some retrained model gets only ${got} of its own training samples right; below ${wanted} a difference in accuracy may come from training that had not converged.`,
  };
}

function distinctness(found: NearDuplicates | null): Condition {
  const condition = 'noNearDuplicates';
  if (found === null)
    return { condition, met: false, statement: 'Members were not compared with the non-members for near-duplicates.' };
  const { count, judged } = found;
  return {
    condition,
    met: count === 0,
    statement:
      count === 0
        ? `None of ${judged} non-members is a near-duplicate of a member.`
        : `${count} of ${judged} non-members ${count === 1 ? 'is a near-duplicate' : 'are near-duplicates'} of a member, which makes members look more useful than they are; remove them (nearMember in the per-sample table).`,
  };
}

function points(measured: Measured): string {
  return measured.status === 'measured' ? (-100 * measured.value).toPrecision(2) : '';
}
