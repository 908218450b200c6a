import { z } from 'zod';
import { measured } from './measured.js';
import { quantity } from './quantity.js';

export const severities = ['high', 'medium', 'low', 'info'] as const;

export const finding = z
  .strictObject({
    /** What is claimed and where: `membership.lira.tpr@0.001`. Stable across audits. */
    id: z.string(),
    severity: z.enum(severities),
    /** One plain sentence. */
    statement: z.string(),
    /** What both numbers count. Absent from findings that were stored before it was told. */
    quantity: quantity.optional(),
    measured,
    /** The same quantity on the matched control, or why there is none. */
    control: measured,
  })
  .meta({ id: 'Finding' });

export type Finding = z.infer<typeof finding>;
