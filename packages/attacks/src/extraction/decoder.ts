import { z } from 'zod';

/**
 * How a next token is chosen. `greedy`: the most likely one. Otherwise sampled: temperature first, then the `topK` most
 * likely, then the smallest set whose mass reaches `topP` (the crossing token is kept), renormalising each time.
 */
export const decoder = z
  .union([
    z.literal('greedy'),
    z.strictObject({
      temperature: z.number().positive().max(100).default(1),
      topK: z.int().min(1).optional(),
      topP: z.number().gt(0).max(1).optional(),
    }),
  ])
  .describe('"greedy", or sampling with temperature, topK and topP.');

export type Decoder = z.output<typeof decoder>;

/** `greedy`, `sample`, `topK40`, `topK40-T0.8-topP0.95`: unique per decoder. */
export function decoderName(settings: Decoder): string {
  if (settings === 'greedy') return 'greedy';
  const { temperature, topK, topP } = settings;
  const parts = [
    ...(topK === undefined ? [] : [`topK${topK}`]),
    ...(temperature === 1 ? [] : [`T${temperature}`]),
    ...(topP === undefined || topP === 1 ? [] : [`topP${topP}`]),
  ];
  return parts.length === 0 ? 'sample' : parts.join('-');
}
