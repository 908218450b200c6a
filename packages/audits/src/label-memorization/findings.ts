import type { Finding, LabelMemorizationReport } from '@engram/contract';
import { type Measured, notMeasured } from '@engram/domain';
import { percent } from '../report/percent.js';
import { detectionAuc, exposedShare, memorizedRise } from '../report/quantities.js';
import { scoreNames, strongestLevel } from './words.js';

/** Random labels reproduced from this share on are learned by heart, not just in part. */
const byHeart = 0.95;

/** What the section claims, each where its interval leaves chance behind. None is evidence of a leak of this model. */
export function labelMemorizationFindings(
  section: Pick<LabelMemorizationReport, 'randomLabels' | 'noisyLabels' | 'review' | 'earlyLearning'>,
): Required<Finding>[] {
  return [...randomLabels(section), ...noisyLabels(section), ...earlyLearning(section)];
}

function randomLabels({ randomLabels: found }: Pick<LabelMemorizationReport, 'randomLabels'>): Required<Finding>[] {
  const level = found === null ? undefined : strongestLevel(found);
  if (found === null || level === undefined || !above(level.randomLabelAccuracy, found.chance)) return [];
  const { randomLabelAccuracy: measured } = level;
  const wholly = measured.low >= byHeart;
  return [
    {
      id: 'labelMemorization.randomLabels',
      severity: wholly ? 'low' : 'info',
      statement: `The architecture ${wholly ? 'memorises random labels' : 'memorises random labels in part'}: with ${percent(level.corruption)} of the labels drawn at random, it reproduced ${percent(measured.value)} of those after ${found.epochs} epochs, where guessing gets ${percent(found.chance)}. This is what it could learn by heart, not what the audited model did.`,
      quantity: exposedShare(found.chance),
      measured,
      control: notMeasured(
        'ENG_NOT_REQUESTED',
        `labels drawn at random are guessed ${percent(found.chance)} of the time by whatever was not taught them`,
      ),
    },
  ];
}

function noisyLabels({
  noisyLabels: found,
  review,
}: Pick<LabelMemorizationReport, 'noisyLabels' | 'review'>): Required<Finding>[] {
  const best = found?.scores.find(({ score }) => score === found.best);
  if (found === null || best === undefined || !above(best.auroc, 0.5)) return [];
  return [
    {
      id: `labelMemorization.noisyLabels.${found.best}`,
      severity: 'info',
      statement: `${scoreNames[found.best]} tells a label flipped on purpose from one left alone in ${Math.round(100 * best.auroc.value)} of 100 pairs; the ${review?.count ?? 0} members it finds most suspect as they are were set apart for review.`,
      quantity: detectionAuc,
      measured: best.auroc,
      control: notMeasured('ENG_NOT_REQUESTED', 'an area under the curve is compared with 0.5'),
    },
  ];
}

function earlyLearning({ earlyLearning: found }: Pick<LabelMemorizationReport, 'earlyLearning'>): Required<Finding>[] {
  if (found === null || !above(found.riseAfterPoint, 0)) return [];
  return [
    {
      id: 'labelMemorization.earlyLearning',
      severity: 'info',
      statement: `Training past epoch ${found.point.status === 'measured' ? found.point.value : found.pointPerRun[0]} teaches wrong labels by heart: the share of flipped labels reproduced rises by ${percent(found.riseAfterPoint.value)} until the last epoch.`,
      quantity: memorizedRise,
      measured: found.riseAfterPoint,
      control: notMeasured('ENG_NOT_REQUESTED', 'a rise is compared with 0'),
    },
  ];
}

function above(measured: Measured, chance: number): measured is Extract<Measured, { status: 'measured' }> {
  return measured.status === 'measured' && measured.low > chance;
}
