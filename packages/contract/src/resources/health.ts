import { z } from 'zod';

export const health = z.strictObject({ status: z.literal('ok') }).meta({ id: 'Health' });

const check = z.strictObject({ ok: z.boolean(), message: z.string().optional() });

/** Whether audits can be taken and run: 200 when every check is ok, else 503. */
export const readiness = z
  .strictObject({
    status: z.enum(['ready', 'notReady']),
    checks: z.strictObject({ database: check, redis: check, artifacts: check, workers: check }),
  })
  .meta({ id: 'Readiness' });

export type Health = z.infer<typeof health>;
export type Readiness = z.infer<typeof readiness>;
export type ReadinessCheck = z.infer<typeof check>;
