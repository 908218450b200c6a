import { z } from 'zod';

export const quantityKinds = ['auc', 'rate', 'exposure', 'correlation', 'memorization', 'rise'] as const;

/** What the number of a finding counts: how to print it, and which way to read it. */
export const quantity = z
  .strictObject({
    /**
     * `auc`: area under a ROC curve. `rate`: share of the n counted. `exposure`: log2 of candidates less log2 of the rank.
     * `correlation`: of ranks. `memorization`: answers of models trained with a sample less those of models without it.
     * `rise`: growth of a rate.
     */
    kind: z.enum(quantityKinds),
    /** `fraction`: of 1. `bits`: logarithm to base 2. `coefficient`: between -1 and 1. */
    unit: z.enum(['fraction', 'bits', 'coefficient']),
    /** Worse: more is given away, or, of a gate, the data are less fit to judge by. Better: an estimate can be relied on more. */
    direction: z.enum(['higherIsWorse', 'higherIsBetter', 'awayFromChanceIsWorse']),
    /** What it is where there is nothing to find; null where only the control tells. */
    chance: z.number().nullable(),
  })
  .meta({ id: 'Quantity' });

export type Quantity = z.infer<typeof quantity>;
