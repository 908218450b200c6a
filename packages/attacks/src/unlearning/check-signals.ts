import { EngramError } from '@engram/domain';
import { nonFiniteValues } from '@engram/numeric';
import type { DifficultyRequirement } from './requirements.js';
import type { DifficultySignals } from './signals.js';

/**
 * Refuses signals an estimator would turn into numbers that mean nothing. Only what it reads is looked at.
 *
 * @throws ENG_INSUFFICIENT_SAMPLES no samples. ENG_SHAPE_MISMATCH arrays disagree, or moments are out of order.
 *   ENG_VALUES_NOT_FINITE with the count and the first row.
 */
export function checkDifficultySignals(
  { samples, trajectory, finalModel }: DifficultySignals,
  requirements: readonly DifficultyRequirement[],
): void {
  if (samples === 0)
    throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected at least one sample, got none', {
      remedy: 'Give members whose removal is to be judged.',
    });
  for (const { from, reads } of requirements) {
    if (from === 'finalModel') {
      checkRows(`the final ${reads}`, finalModel![reads]!, 1, samples);
      continue;
    }
    const { steps, represents, learningRates } = trajectory!;
    const moments = steps.length;
    for (const one of [represents, learningRates]) {
      if (one !== undefined && one.length !== moments)
        throw new EngramError('ENG_SHAPE_MISMATCH', `expected ${moments} moments, got ${one.length}`);
    }
    for (let t = 1; t < moments; t += 1) {
      if (!(steps[t] > steps[t - 1]))
        throw new EngramError('ENG_SHAPE_MISMATCH', `expected increasing steps, got ${steps[t]} after ${steps[t - 1]}`);
    }
    checkRows(`the ${reads} along training`, trajectory![reads]!, moments, samples);
  }
}

function checkRows(name: string, values: ArrayLike<number>, moments: number, n: number): void {
  if (values.length !== moments * n)
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected ${moments} x ${n} values of ${name}, got ${values.length}`);
  const faulty = nonFiniteValues(values);
  if (faulty === null) return;
  const { count } = faulty;
  const first = faulty.first % n;
  throw new EngramError(
    'ENG_VALUES_NOT_FINITE',
    `expected finite numbers for ${name}, got ${count} that are not, the first in row ${first}`,
    { remedy: 'Check whether training diverged, or remove these samples.', details: { count, first } },
  );
}
