import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { measuredValues, type TargetMeasure } from '../target-measure.js';
import { cumulativeLosses } from './score.js';

const measure: TargetMeasure = { kind: 'lossTrace', params: {} };

export const cumulativeLoss = defineAttack({
  id: 'cumulativeLoss',
  paper: 'Ravikumar et al. 2025, "Towards Memorization Estimation: Fast, Formal and Free"',
  summary:
    'A sample’s loss added up along training: ranks members by how late they were learned, so how exposed they are, and does not test membership.',
  ranks: 'vulnerability',
  params: z.object({}),
  requires: () => [{ signal: 'measure', measure }],
  score: ({ target }) => cumulativeLosses(measuredValues(target.measured, measure)),
});
