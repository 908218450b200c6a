import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { measuredValues, type TargetMeasure } from '../target-measure.js';
import { gradientStatistic, scoreStatistic } from './score.js';

const measure: TargetMeasure = { kind: 'linearStatistics', params: {} };

export const linearRegression = defineAttack({
  id: 'linearRegression',
  paper:
    'Dwork, Smith, Steinke, Ullman and Vadhan 2015, "Robust Traceability from Trace Amounts", for released means; here in closed form for least squares',
  summary:
    'How training moved a linear regression from the best predictor of the population, seen at each sample: for models of one linear unit.',
  params: z.object({
    statistic: z
      .enum(['gradient', 'score', 'loss'])
      .default('gradient')
      .describe(
        'gradient: best away from interpolation; loss: near it, and needs no population; score: the gradient at the population minimiser.',
      ),
  }),
  requires: ({ statistic }) =>
    statistic === 'loss' ? [{ signal: 'loss' }, { signal: 'squaredError' }] : [{ signal: 'measure', measure }],
  score: ({ target }, { statistic }) => {
    switch (statistic) {
      case 'loss':
        return target.loss!.map((squaredError) => -squaredError);
      case 'score':
        return scoreStatistic(measuredValues(target.measured, measure));
      case 'gradient':
        return gradientStatistic(measuredValues(target.measured, measure));
    }
  },
});
