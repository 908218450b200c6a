import type { DifficultyReport } from '@engram/contract';
import { formatCount } from '../numbers/format-number.js';
import { measuredPhrase } from '../numbers/measured-cell.js';
import type { Advice } from './advice.js';

/** What to expect of a request to remove records, from the unlearning that was tried; nothing when none was. */
export function removalAdvice({ verification }: DifficultyReport): Advice[] {
  if (verification === null || verification.forgetSets.length === 0) return [];
  const { forgetSets, tolerance } = verification;
  const advice: Advice[] = [];
  const gaps = forgetSets.flatMap(({ gapBefore }) => (gapBefore.status === 'measured' ? [gapBefore] : []));
  if (gaps.length === forgetSets.length && gaps.every(({ high }) => high <= tolerance))
    return [
      {
        action: 'Deleting the records from the corpus suffices until the next training; unlearning adds risk.',
        because: `Before any unlearning every forget set is already within ${tolerance} of a model never trained on it.`,
      },
    ];
  const censored = forgetSets.filter((set) => set.censored);
  const reached = forgetSets.flatMap((set) =>
    !set.censored && set.stepsToRetrainLevel.status === 'measured' ? [{ set, steps: set.stepsToRetrainLevel }] : [],
  );
  if (censored.length > 0)
    advice.push({
      action: 'For the hardest records plan to train again, or to shard the training set, rather than to unlearn.',
      because: `${censored.length} of ${forgetSets.length} forget sets did not come within tolerance in the steps allowed (${list(censored.map(({ set }) => set))}).`,
    });
  if (reached.length > 1) {
    const ordered = [...reached].sort((a, b) => a.steps.value - b.steps.value);
    const [easiest, hardest] = [ordered[0], ordered[ordered.length - 1]];
    const most = `${censored.length > 0 ? 'more than' : 'at least'} ${formatCount(hardest.steps.value)}`;
    advice.push({
      action: `Expect from ${formatCount(easiest.steps.value)} to ${most} steps, depending on the records.`,
      because: `Set ${easiest.set.set} took ${measuredPhrase(easiest.steps, 'steps')}, set ${hardest.set.set} took ${measuredPhrase(hardest.steps, 'steps')}.`,
    });
  }
  return advice;
}

function list(sets: readonly number[]): string {
  return `${sets.length === 1 ? 'set' : 'sets'} ${sets.join(', ')}`;
}
