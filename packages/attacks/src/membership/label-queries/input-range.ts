import { z } from 'zod';

/** Lowest and highest value an input may take: what is asked about stays within. */
export type InputRange = readonly [lowest: number, highest: number];

/** The range as a parameter of an attack; null: that of the samples. */
export const inputRangeParameter = z
  .tuple([z.number(), z.number()])
  .refine(([lowest, highest]) => lowest < highest, 'expected the lower value first')
  .nullable()
  .default(null)
  .describe('Lowest and highest value an input may take; null: those of the samples.');

export function clipTo([lowest, highest]: InputRange, value: number): number {
  return value < lowest ? lowest : value > highest ? highest : value;
}
