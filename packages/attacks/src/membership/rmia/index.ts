import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import type { ReferenceSignals } from '../signals.js';
import { rmiaOverForms } from './augmented-forms.js';
import { standingAmong } from './population-standing.js';
import { type RmiaParameters, rmiaScores } from './score.js';
import { tunedSlope, usualSlope } from './tuned-slope.js';

/** The authors'. */
const usualGamma = 2;

export const rmia = defineAttack({
  id: 'rmia',
  paper: 'Zarifzadeh, Liu and Shokri 2024, "Low-Cost High-Power Membership Inference Attacks", section 2',
  summary:
    "The sample's probability under the target against its probability under models in general: the strongest with few references.",
  params: z.object({
    mode: z
      .enum(['online', 'offline'])
      .default('online')
      .describe('online: references trained with and without the sample; offline: without only.'),
    offlineA: z
      .union([z.number().min(0).max(1), z.literal('tuned')])
      .default(usualSlope)
      .describe(
        'Slope a of p_in = a p_out + 1 - a, used offline. tuned: the one that tells best what reference models were trained on; never to be tuned on the audited samples.',
      ),
    gamma: z
      .number()
      .min(1)
      .default(usualGamma)
      .describe(
        'How many times the ratio of a population sample is to be exceeded; counts where data.population is given, no ranking.',
      ),
    queries: z
      .literal([1, 2, 18])
      .default(1)
      .describe(
        'Forms of an image asked about: itself; with its mirror image; both shifted by a pixel each way too. A majority of them decides.',
      ),
  }),
  requires: ({ mode, queries }) => [
    { signal: 'loss' },
    { signal: 'likelihood' },
    { signal: 'referenceOut', reads: 'loss', minimum: 1 },
    ...(mode === 'online' ? [{ signal: 'referenceIn', reads: 'loss', minimum: 1 } as const] : []),
    ...(queries === 1 ? [] : [{ signal: 'queries', count: queries } as const]),
  ],
  references: () => ({ minimum: 2, good: 16 }),
  score: ({ target, reference }, params, { seed }) => {
    const settled = settle(reference!, params, seed);
    return params.queries === 1
      ? rmiaScores(target.loss!, reference!, settled)
      : rmiaOverForms(target.queryConfidence!, reference!, params.queries, settled);
  },
  columns: ({ reference, population }, params, { seed, scores }) => {
    if (population === undefined) return {};
    const { targetLoss, referenceLoss } = population;
    const outsiders = {
      models: reference!.models,
      trainedOn: population.trainedOn ?? new Uint8Array(referenceLoss.length),
      loss: referenceLoss,
    };
    const ofPopulation = rmiaScores(targetLoss, outsiders, settle(reference!, params, seed));
    const { share, pValue } = standingAmong(scores, ofPopulation, params.gamma);
    // A population sample is asked about once: the form in the middle of several is no fair match for it.
    return { populationShare: share, ...(params.queries === 1 ? { populationPValue: pValue } : {}) };
  },
  withoutEffect: ({ gamma }, { population }) =>
    gamma === usualGamma || population > 0
      ? null
      : 'gamma has no effect: it counts samples of data.population whose losses under the target and the references are known, and there are none',
});

function settle(
  reference: ReferenceSignals,
  { mode, offlineA }: { readonly mode: RmiaParameters['mode']; readonly offlineA: number | 'tuned' },
  seed: number,
): RmiaParameters {
  if (offlineA !== 'tuned') return { mode, offlineA };
  return { mode, offlineA: mode === 'offline' ? tunedSlope(reference, seed) : usualSlope };
}
