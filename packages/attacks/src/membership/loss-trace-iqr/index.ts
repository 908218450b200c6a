import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { measuredValues, type TargetMeasure } from '../target-measure.js';
import { lossTraceSpread } from './score.js';

const measure: TargetMeasure = { kind: 'lossTrace', params: {} };

export const lossTraceIqr = defineAttack({
  id: 'lossTraceIqr',
  paper:
    'Pollock, Shilov, Dodd and de Montjoye 2025, "Free Record-Level Privacy Risk Evaluation Through Artifact-Based Methods"',
  summary:
    'How far a sample’s loss spreads along training, between its quartiles: ranks members by how exposed they are, and does not test membership.',
  ranks: 'vulnerability',
  params: z.object({}),
  requires: () => [{ signal: 'measure', measure }],
  score: ({ target }) => lossTraceSpread(measuredValues(target.measured, measure)),
});
