import { z } from 'zod';

const regularizer = z
  .looseObject({
    class_name: z.enum(['L1L2', 'L1', 'L2']),
    config: z.looseObject({ l1: z.number().nullish(), l2: z.number().nullish() }),
  })
  .nullish();

/** Settings every layer with weights may carry: penalties are computed, what cannot be is refused. */
export const penaltySettings = {
  kernel_regularizer: regularizer,
  bias_regularizer: regularizer,
  activity_regularizer: z.null('activity regularizers are not supported').optional(),
  kernel_constraint: z.null('weight constraints are not supported').optional(),
  bias_constraint: z.null('weight constraints are not supported').optional(),
};

/** The penalty of one weight, or nothing. */
export function penaltyOf(setting: z.infer<typeof regularizer>): { penalty?: { l1: number; l2: number } } {
  const { l1, l2 } = setting?.config ?? {};
  return l1 || l2 ? { penalty: { l1: l1 ?? 0, l2: l2 ?? 0 } } : {};
}
