import { z } from 'zod';

/** The most items one page of a list holds. */
export const largestPage = 200;
/** The most rows one page of a per-sample table holds. */
export const largestSamplePage = 5000;

/** How a list is asked for: newest first, `cursor` from the page before. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(largestPage).default(50),
  /** Opaque: the `nextCursor` of the page before. */
  cursor: z.string().max(200).optional(),
});

export type PageQuery = z.infer<typeof pageQuery>;

/** One page of a list; `nextCursor` is null on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}
