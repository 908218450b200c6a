import { z } from 'zod';

/** Every combination of a schema's choices, numbers left at their defaults: what law tests run an entry with. */
export function parameterGrid(schema: z.ZodObject): Record<string, unknown>[] {
  let grid: Record<string, unknown>[] = [{}];
  for (const [name, field] of Object.entries(schema.shape)) {
    const inner = field instanceof z.ZodDefault ? field.unwrap() : field;
    if (!(inner instanceof z.ZodEnum)) continue;
    grid = grid.flatMap((params) => inner.options.map((option) => ({ ...params, [name]: option })));
  }
  return grid;
}
