import type { Report } from '@engram/contract';

type Part =
  | 'membership'
  | 'extraction'
  | 'unlearningDifficulty'
  | 'privacyBounds'
  | 'memorization'
  | 'labelMemorization';

/** A word, its meaning, and the parts of a report that use it; without parts all do. */
type Entry = readonly [word: string, meaning: string, ...parts: Part[]];

/** The words a reader new to the field needs, in the order in which they build on one another. */
const entries: readonly Entry[] = [
  ['Member', 'A record the model was trained on. A non-member is one like it that the model never saw.'],
  ['Attack', 'A way to guess, from what the model answers, which records are members. It gives each record a score.'],
  [
    'False positive rate',
    'The share of non-members an attack wrongly accuses. An attacker who wants to be believed keeps it low, so results at 1 in 1,000 matter more than averages.',
  ],
  ['True positive rate', 'The share of members an attack finds while keeping to that false positive rate.'],
  [
    'AUC',
    'The chance that a random member gets a higher score than a random non-member. 0.5 is guessing, 1 is certainty.',
  ],
  [
    'Interval',
    'The range the true number plausibly lies in, given how many records were looked at. With a 95% interval the method is right 19 times in 20.',
  ],
  [
    'Control',
    'The same measurement where there is nothing to find: a model that never saw the data, or texts never trained on. A result counts only above its control.',
  ],
  ['Reference model', 'A model trained like the audited one on other records, to learn what is normal for a record.'],
  [
    'Exploratory',
    'An attack tried beside the one named before the run. The best of many is partly luck, so its p-value is corrected for their number.',
    'membership',
  ],
  [
    'False discovery rate',
    'Of the records named, the expected share that should not have been. A list at 5% holds about one wrong record in twenty.',
    'membership',
    'memorization',
  ],
  ['Tracing', 'Pointing at records the model was trained on while hardly ever pointing at a fresh one.', 'membership'],
  [
    'Conditional mutual information',
    'How much the scores tell about which of two records was trained on, in bits: 0 is nothing, 1 is certainty.',
    'membership',
  ],
  [
    'Separation',
    'How far apart models trained with a record are from models trained without it, in standard deviations: how exposed the record is under this recipe.',
    'membership',
    'memorization',
  ],
  [
    'Memorization',
    'How much likelier a record is answered right because it was trained on: 0 when training on it makes no difference, 1 when nothing else would do.',
    'memorization',
  ],
  ['Influence', 'How much likelier another record is answered right because this one was trained on.', 'memorization'],
  [
    'C-score',
    'How often models that were not trained on a record get it right, averaged over several sizes of the training set: low for records unlike the others, and for wrong labels.',
    'memorization',
  ],
  [
    'Onion effect',
    'When the most exposed records are deleted, others become exposed that were safe before.',
    'memorization',
  ],
  [
    'Canary',
    'A record planted on purpose, with chance deciding whether it is trained on, so that what the model gives away can be counted.',
    'extraction',
    'privacyBounds',
  ],
  [
    'Epsilon',
    'What differential privacy promises: whatever is found out is at most e to the epsilon times likelier because a record was trained on. Smaller is more private; above 10 hardly anything is promised.',
    'privacyBounds',
  ],
  [
    'Exposure',
    'How high a planted secret ranks among all it could have been, in bits: 10 bits is the first of about a thousand. Secrets never planted average 1.44 bits.',
    'extraction',
  ],
  [
    'Unlearning difficulty',
    'How much work it takes to bring the model to where it would be had a record never been in its training set.',
    'unlearningDifficulty',
  ],
  [
    'Early-learning point',
    'The moment in training when the model knows most true labels and has learned fewest wrong ones by heart.',
    'labelMemorization',
  ],
];

/** The words this report uses. */
export function glossaryOf(report: Report): readonly Entry[] {
  return entries.filter(
    ([, , ...parts]) => parts.length === 0 || parts.some((part) => report[part] !== null && report[part] !== undefined),
  );
}
