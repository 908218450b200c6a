import { z } from 'zod';
import { aboveClassThreshold } from '../class-thresholds.js';
import { defineAttack } from '../define-attack.js';
import { modifiedEntropyScores } from './score.js';

export const modifiedEntropy = defineAttack({
  id: 'modifiedEntropy',
  paper: 'Song and Mittal 2021, "Systematic Evaluation of Privacy Risks of Machine Learning Models", equation 8',
  summary: 'Entropy that knows the label: low only for confident predictions that are right.',
  params: z.object({
    perClass: z
      .boolean()
      .default(false)
      .describe(
        'Whether scores are told from a threshold of their class, found on reference models trained with and without samples of it.',
      ),
  }),
  requires: ({ perClass }) => [
    { signal: 'probabilities' },
    { signal: 'labels' },
    ...(perClass
      ? ([
          { signal: 'referenceProbabilities' },
          { signal: 'referenceOut', reads: 'loss', minimum: 1 },
          { signal: 'referenceIn', reads: 'loss', minimum: 1 },
        ] as const)
      : []),
  ],
  references: ({ perClass }) => (perClass ? { minimum: 2, good: 16 } : null),
  score: ({ target, labels, reference }, { perClass }) => {
    const scores = modifiedEntropyScores(target, labels!);
    if (!perClass) return scores;
    const ofReferences = reference!.modifiedEntropy!.map((value) => -value);
    return aboveClassThreshold(scores, labels!, ofReferences, reference!.trainedOn);
  },
});
