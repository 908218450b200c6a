import { z } from 'zod';
import { measured } from './measured.js';

export const gateOutcomes = ['pass', 'inconclusive', 'warn', 'fail', 'notRun'] as const;

export const gate = z
  .strictObject({
    gate: z.enum(['blindBaseline', 'sharedSamples', 'modelSwap', 'splitHalf']),
    outcome: z.enum(gateOutcomes),
    measured,
    statement: z.string(),
  })
  .meta({ id: 'Gate' });

export type Gate = z.infer<typeof gate>;
