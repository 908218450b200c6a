import { z } from 'zod';
import { largestSamplePage } from './page.js';

/** One row of the per-sample table. Columns after `index` depend on the audit; null where one does not apply. */
export const sampleRow = z
  .object({ sampleId: z.string(), dataset: z.string(), index: z.number().int() })
  .catchall(z.union([z.string(), z.number(), z.null()]))
  .meta({ id: 'SampleRow' });

export const sampleQuery = z.object({
  limit: z.coerce.number().int().min(1).max(largestSamplePage).default(500),
  cursor: z.string().max(200).optional(),
});

export const samplePage = z
  .strictObject({
    items: z.array(sampleRow),
    nextCursor: z.string().nullable(),
    /** Rows in the whole table. */
    count: z.number().int(),
    columns: z.array(z.string()),
  })
  .meta({ id: 'SamplePage' });

export type SampleRow = z.infer<typeof sampleRow>;
export type SamplePage = z.infer<typeof samplePage>;
