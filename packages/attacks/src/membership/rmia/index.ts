import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import type { ProbabilityOfTruth } from '../loss-under.js';
import { formInTheMiddle, rmiaOverForms } from './augmented-forms.js';
import { type ComparedLosses, lossesOnForm, lossesOnPopulation } from './compared-losses.js';
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
    probability: z
      .enum(['softmax', 'taylor'])
      .default('softmax')
      .describe(
        "What logits are made a probability by: softmax; or, as in the authors' runs, its Taylor polynomial with a soft margin.",
      ),
    temperature: z
      .number()
      .min(0.01)
      .max(100)
      .default(1)
      .describe("Divides the logits; 2 in the authors' runs, 1 on CIFAR-100."),
    trimmed: z
      .boolean()
      .default(false)
      .describe(
        "Whether means over references leave out the fifth that finds a sample least likely and the fifth that finds it most likely, as in the authors' runs.",
      ),
    queries: z
      .literal([1, 2, 18])
      .default(1)
      .describe(
        'Forms of an image asked about: itself; with its mirror image; both shifted by a pixel each way too. A majority of them decides.',
      ),
  }),
  requires: ({ mode, queries, ...asked }) => [
    { signal: 'loss' },
    { signal: 'likelihood' },
    { signal: 'referenceOut', reads: 'loss', minimum: 1 },
    ...(mode === 'online' ? [{ signal: 'referenceIn', reads: 'loss', minimum: 1 } as const] : []),
    ...(isUsual(asked) ? [] : [{ signal: 'lossUnder', probability: probabilityOf(asked) } as const]),
    ...(queries === 1 ? [] : [{ signal: 'queries', count: queries } as const]),
  ],
  references: () => ({ minimum: 2, good: 16 }),
  score: (signals, params, { seed }) => {
    const { target, reference } = signals;
    const { queries } = params;
    if (isUsual(params)) {
      const settled = settle(reference!, params, seed);
      return queries === 1
        ? rmiaScores(target.loss!, reference!, settled)
        : rmiaOverForms(target.queryConfidence!, reference!, queries, settled);
    }
    const forms = Array.from({ length: queries }, (_, form) => lossesOnForm(signals, probabilityOf(params), form));
    const settled = settle(forms[0].reference, params, seed);
    return formInTheMiddle(forms.map((losses) => rmiaScores(losses.target, losses.reference, settled)));
  },
  columns: (signals, params, { seed, scores }) => {
    const reference = signals.reference!;
    const probability = isUsual(params) ? null : probabilityOf(params);
    const outside = lossesOnPopulation(signals.population, reference.models, probability);
    if (outside === null) return {};
    const compared = probability === null ? reference : lossesOnForm(signals, probability, 0).reference;
    const ofPopulation = rmiaScores(outside.target, outside.reference, settle(compared, params, seed));
    const { share, pValue } = standingAmong(scores, ofPopulation, params.gamma);
    // A population sample is asked about once: the form in the middle of several is no fair match for it.
    return { populationShare: share, ...(params.queries === 1 ? { populationPValue: pValue } : {}) };
  },
  withoutEffect: ({ gamma }, { population }) =>
    gamma === usualGamma || population > 0
      ? null
      : 'gamma has no effect: it counts samples of data.population whose losses under the target and the references are known, and there are none',
});

interface Asked {
  readonly probability: ProbabilityOfTruth['kind'];
  readonly temperature: number;
}

/** Whether the loss that every attack reads is the one that is asked for. */
function isUsual({ probability, temperature }: Asked): boolean {
  return probability === 'softmax' && temperature === 1;
}

function probabilityOf({ probability, temperature }: Asked): ProbabilityOfTruth {
  return { kind: probability, temperature };
}

interface Unsettled extends Pick<RmiaParameters, 'mode' | 'trimmed'> {
  readonly offlineA: number | 'tuned';
}

function settle(
  reference: ComparedLosses['reference'],
  { mode, offlineA, trimmed }: Unsettled,
  seed: number,
): RmiaParameters {
  if (offlineA !== 'tuned') return { mode, offlineA, trimmed };
  return { mode, offlineA: mode === 'offline' ? tunedSlope(reference, seed, trimmed) : usualSlope, trimmed };
}
