import { z } from 'zod';
import { defineEstimator } from '../define-estimator.js';
import { forgettingEvents, rankableEvents } from './score.js';

export const forgettingEstimator = defineEstimator({
  id: 'forgetting',
  paper: 'Toneva et al. 2019, "An Empirical Study of Example Forgetting during Deep Neural Network Learning"',
  summary: 'How often training got a sample right and then lost it again.',
  params: z.object({}),
  requires: () => [{ from: 'trajectory', reads: 'correct', moments: 2, advised: 10 }],
  estimate: ({ samples, trajectory }) => {
    const events = forgettingEvents(trajectory!.correct!, samples);
    const never = events.filter((count) => count === Infinity).length;
    return {
      difficulty: rankableEvents(events),
      kind: 'heuristic',
      settings: { moments: trajectory!.steps.length, neverLearned: never },
      notes: [
        'Counts tie for most samples; events between recorded moments are not seen.',
        ...(never > 0 ? [`${never} samples were never predicted right and rank as the hardest.`] : []),
      ],
    };
  },
});
