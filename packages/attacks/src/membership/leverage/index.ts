import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { measuredValues, type TargetMeasure } from '../target-measure.js';
import { leverageScores } from './score.js';

const measure: TargetMeasure = { kind: 'leverage', params: {} };

export const leverage = defineAttack({
  id: 'leverage',
  paper: 'Dorseuil, Atif and Cappé 2026, "Generalized Leverage Score"; Koh and Liang 2017, section 2',
  summary:
    'How far leaving a sample out would lower the confidence in its label, from the curvature of the last layer: ranks members by how exposed they are, and does not test membership.',
  ranks: 'vulnerability',
  params: z.object({}),
  requires: () => [{ signal: 'measure', measure }],
  score: ({ target }) => leverageScores(measuredValues(target.measured, measure).data),
});
