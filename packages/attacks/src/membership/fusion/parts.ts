import { base } from '../base/index.js';
import { calibratedLoss } from '../calibrated-loss/index.js';
import { gradientNorm } from '../gradient-norm/index.js';
import { lira } from '../lira/index.js';
import { loss } from '../loss/index.js';
import type { ReferenceRequirement, SignalRequirement } from '../requirements.js';
import { rmia } from '../rmia/index.js';

/**
 * Attacks that can be weighed: those that read what every reference model leaves, its losses and confidences, or can be
 * asked of each in closed form, because their weights are learned with reference models in the target's place.
 */
export const fusible = { loss, calibratedLoss, lira, rmia, base, gradientNorm } as const;

export const fusibleIds = Object.keys(fusible) as (keyof typeof fusible)[];

/**
 * What the parts need, with a model to spare on either side of every sample: when a reference takes the target's place,
 * it leaves the bank, and so may its complement.
 */
export function requiredForFusion(of: readonly (keyof typeof fusible)[]): SignalRequirement[] {
  const parts = of.flatMap((id) => fusible[id].plan().requires);
  const measures = parts.flatMap((needs) => ('measure' in needs ? [needs.measure] : []));
  const plain = parts.filter((needs) => !('reads' in needs) && !('measure' in needs));
  const signals = [...new Set(['loss', ...plain.map(({ signal }) => signal)])];
  const reads = [...new Set(['loss', ...parts.flatMap((needs) => ('reads' in needs ? [needs.reads] : []))])];
  return [
    ...signals.map((signal) => ({ signal }) as SignalRequirement),
    ...measures.flatMap((measure) =>
      (['measure', 'referenceMeasure'] as const).map((signal) => ({ signal, measure }) as const),
    ),
    ...(reads as ReferenceRequirement['reads'][]).flatMap((read) =>
      (['referenceOut', 'referenceIn'] as const).map((signal) => ({
        signal,
        reads: read,
        minimum: 1 + most(parts, ({ minimum }) => minimum),
        somewhere: 1 + most(parts, ({ somewhere = 1 }) => somewhere),
      })),
    ),
  ];
}

function most(parts: readonly SignalRequirement[], of: (needs: ReferenceRequirement) => number): number {
  return Math.max(1, ...parts.map((needs) => ('reads' in needs ? of(needs) : 1)));
}
