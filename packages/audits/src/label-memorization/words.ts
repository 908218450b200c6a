import type { DataDietScoreId } from '@engram/attacks';
import type { LabelMemorizationReport, RandomLabelCapacity } from '@engram/contract';
import { percent } from '../report/percent.js';

/** The scores as sentences name them. */
export const scoreNames: Readonly<Record<DataDietScoreId, string>> = {
  cumulativeLoss: 'The loss summed over training',
  el2n: 'The error norm early in training (EL2N)',
  grand: 'The gradient norm early in training (GraNd)',
  forgetting: 'The count of forgetting events',
  loss: 'The final loss',
};

/** The level with the most random labels; none when no label was random. */
export function strongestLevel({ levels }: RandomLabelCapacity): RandomLabelCapacity['levels'][number] | undefined {
  return levels.filter(({ corruption }) => corruption > 0).at(-1);
}

/** What the section says, in two or three sentences. */
export function stateLabelMemorization({
  randomLabels,
  noisyLabels,
  review,
  earlyLearning,
}: Pick<LabelMemorizationReport, 'randomLabels' | 'noisyLabels' | 'review' | 'earlyLearning'>): string {
  const sentences: string[] = [];
  const level = randomLabels === null ? undefined : strongestLevel(randomLabels);
  if (randomLabels !== null && level?.randomLabelAccuracy.status === 'measured')
    sentences.push(
      `Taught labels drawn at random, this architecture reproduced ${percent(level.randomLabelAccuracy.value)} of them after ${randomLabels.epochs} epochs (guessing: ${percent(randomLabels.chance)}): that is its capacity to learn by heart.`,
    );
  const best = noisyLabels?.scores.find(({ score }) => score === noisyLabels.best);
  if (noisyLabels !== null && review !== null && best?.auroc.status === 'measured')
    sentences.push(
      `${scoreNames[best.score]} told ${percent(noisyLabels.flip)} of labels flipped on purpose from the others in ${Math.round(100 * best.auroc.value)} of 100 pairs; by it, ${review.count} members are most worth a second look at their labels.`,
    );
  if (earlyLearning?.riseAfterPoint.status === 'measured' && earlyLearning.point.status === 'measured')
    sentences.push(
      `Flipped samples were predicted as they truly are most often after epoch ${earlyLearning.point.value}; from there to the last epoch the share of flipped labels learned by heart rose by ${percent(earlyLearning.riseAfterPoint.value)}.`,
    );
  return [...sentences, 'This is about capacity and data quality and says nothing about a leak.'].join(' ');
}

/** What the numbers do not say. */
export function labelMemorizationLimits(
  section: Pick<LabelMemorizationReport, 'randomLabels' | 'noisyLabels' | 'recipeFrom'>,
): string[] {
  const limits = [
    'Everything here was measured on copies of the architecture trained here by the stated recipe, not on the audited model; it has no part in the verdict.',
  ];
  if (section.recipeFrom === 'default')
    limits.push('The model came without a recipe; trained otherwise it may learn more or less by heart.');
  if (section.randomLabels?.levels.some(({ censored }) => censored))
    limits.push('Where 99 % was not reached, the epochs to fit are the epochs there were: at least that many.');
  if (section.noisyLabels !== null)
    limits.push(
      'The labels flipped on purpose were flipped uniformly; real mistakes fall between classes that look alike and are harder to find.',
      'The score was chosen because it found the flipped labels best, in the same runs its number comes from.',
      'A sample on the list is not a wrong label: rare and ambiguous samples are learned late too. How many of those listed are wrong is not estimated, since the share of wrong labels among the members is not known.',
    );
  return limits;
}
