import { type ErrorCode, errorFamilies } from '@engram/domain';
import { z } from 'zod';

export const errorCode = z.enum(Object.keys(errorFamilies) as [ErrorCode, ...ErrorCode[]]);

/** A published number with its interval and sample count, or the reason there is none. */
export const measured = z
  .discriminatedUnion('status', [
    z.strictObject({
      status: z.literal('measured'),
      value: z.number(),
      low: z.number(),
      high: z.number(),
      confidence: z.number().gt(0).lt(1),
      n: z.number().int().nonnegative(),
      method: z.enum([
        'clopperPearson',
        'wilson',
        'delong',
        'bootstrap',
        'permutation',
        'fisherZ',
        'normal',
        'order',
        'exact',
      ]),
    }),
    z.strictObject({ status: z.literal('notMeasured'), code: errorCode, reason: z.string() }),
  ])
  .meta({ id: 'Measured' });
