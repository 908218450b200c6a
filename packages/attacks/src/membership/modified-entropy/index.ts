import { z } from 'zod';
import { aboveClassThreshold, perClass, referencesOfClasses } from '../class-thresholds.js';
import { defineAttack } from '../define-attack.js';
import { modifiedEntropyScores } from './score.js';

export const modifiedEntropy = defineAttack({
  id: 'modifiedEntropy',
  paper: 'Song and Mittal 2021, "Systematic Evaluation of Privacy Risks of Machine Learning Models", equation 8',
  summary: 'Entropy that knows the label: low only for confident predictions that are right.',
  params: z.object({ perClass }),
  requires: (settings) => [
    { signal: 'probabilities' },
    { signal: 'labels' },
    ...(settings.perClass ? ([{ signal: 'referenceProbabilities' }, ...referencesOfClasses] as const) : []),
  ],
  references: (settings) => (settings.perClass ? { minimum: 2, good: 16 } : null),
  score: ({ target, labels, reference }, settings) => {
    const scores = modifiedEntropyScores(target, labels!);
    if (!settings.perClass) return scores;
    const ofReferences = reference!.modifiedEntropy!.map((value) => -value);
    return aboveClassThreshold(scores, labels!, ofReferences, reference!.trainedOn);
  },
});
