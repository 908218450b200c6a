import { z } from 'zod';
import { gate, gateOutcomes } from './gate.js';
import { measured } from './measured.js';
import { verdict } from './verdict.js';

/** How one text was reproduced, token by token: what the heat strip shows. */
export const heatStrip = z
  .strictObject({
    sampleId: z.string(),
    dataset: z.string(),
    /** Pieces of text as the request allows them to be shown: redacted, hidden (empty strings) or as they are. */
    tokens: z.array(z.string()),
    /** Probability the model gives each token, given all before it. The first has none: null. */
    probabilities: z.array(z.number().nullable()),
    prefixTokens: z.number().int(),
    suffixProbability: z.number(),
    label: z.string(),
  })
  .meta({ id: 'HeatStrip' });

export const extractionReport = z
  .strictObject({
    verdict,
    statement: z.string(),
    prefixSuffix: z
      .strictObject({
        prefixTokens: z.number().int(),
        suffixTokens: z.number().int(),
        records: z.number().int(),
        controls: z.number().int(),
        /** Records left out, by reason: too short for a prefix and a suffix, degenerate. */
        excluded: z.record(z.string(), z.number().int()),
        decoders: z.array(
          z.strictObject({
            decoder: z.string(),
            /** Share of records whose suffix is emitted with probability >= 1/2 in one draw (greedy: exactly). */
            rate: measured,
            controlRate: measured,
            /** Extraction-rate curve: share of records emitted at least once in n draws with probability >= p. */
            curve: z.strictObject({
              draws: z.array(z.number()),
              atLeast: z.number(),
              rate: z.array(z.number()),
              controlRate: z.array(z.number()),
            }),
          }),
        ),
        labels: z.strictObject({
          memorized: measured,
          extractable: z.array(z.strictObject({ draws: z.number(), measured })),
          common: measured,
          notShown: measured,
        }),
        /** Members against controls by the same suffix log-probability. */
        controlsGate: gate,
        strips: z.array(heatStrip),
      })
      .nullable(),
    exposure: z
      .strictObject({
        spaceBits: z.number(),
        references: z.number().int(),
        estimator: z.enum(['exact', 'sampled', 'extrapolated']),
        canaries: z.array(
          z.strictObject({
            sampleId: z.string(),
            repetitions: z.number().int(),
            exposureBits: z.number(),
            pValue: z.number(),
            extrapolatedBits: z.number().nullable(),
          }),
        ),
        byRepetitions: z.array(
          z.strictObject({
            repetitions: z.number().int(),
            count: z.number().int(),
            exposureBits: measured,
            /** Share of canaries with p-value <= 0.01. */
            shareDetected: measured,
          }),
        ),
        /** Never-planted canaries must follow 2^-x: mean 1.4427 bits. */
        nullCheck: z.strictObject({ outcome: z.enum(gateOutcomes), measured, statement: z.string() }),
      })
      .nullable(),
    limits: z.array(z.string()),
  })
  .meta({ id: 'ExtractionReport' });

export type ExtractionReport = z.infer<typeof extractionReport>;
export type HeatStrip = z.infer<typeof heatStrip>;
