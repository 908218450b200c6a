import { z } from 'zod';

/** Every combination of a schema's choices, numbers left at their defaults: what law tests run an entry with. */
export function parameterGrid(schema: z.ZodObject): Record<string, unknown>[] {
  let grid: Record<string, unknown>[] = [{}];
  for (const [name, field] of Object.entries(schema.shape)) {
    const inner = field instanceof z.ZodDefault ? field.unwrap() : field;
    const choices = inner instanceof z.ZodEnum ? inner.options : inner instanceof z.ZodLiteral ? [...inner.values] : [];
    if (choices.length > 0) grid = grid.flatMap((params) => choices.map((choice) => ({ ...params, [name]: choice })));
  }
  return grid;
}
