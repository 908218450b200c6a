/** The ten words a reader new to the field needs, in the order in which they build on one another. */
export const glossary: readonly (readonly [word: string, meaning: string])[] = [
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
    'Exposure',
    'How high a planted secret ranks among all it could have been, in bits: 10 bits is the first of about a thousand. Secrets never planted average 1.44 bits.',
  ],
  [
    'Unlearning difficulty',
    'How much work it takes to bring the model to where it would be had a record never been in its training set.',
  ],
];
