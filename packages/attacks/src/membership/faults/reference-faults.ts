import type { Fault } from '../../requirement-fault.js';
import type { AvailableReferences, AvailableSignals } from '../available-signals.js';
import type { ReferenceRequirement, SignalRequirement } from '../requirements.js';

/** What keeps reference models from being enough; null: nothing does. */
export function referenceFault(requirement: ReferenceRequirement, available: AvailableSignals): Fault | null {
  const { reference } = available;
  const needed = Math.max(requirement.minimum, requirement.somewhere ?? 0);
  if (reference === undefined || reference.models === 0)
    return {
      message: `expected at least ${requirement.minimum} reference models trained ${side(requirement)} each sample, got no reference models`,
      remedy: `Give the signals of reference models, or let at least ${2 * needed} be trained (referenceModels.count).`,
    };
  if (!reference[requirement.reads])
    return {
      message: `expected the ${requirement.reads} of reference models, got another signal`,
      remedy: 'Give logits or probabilities of the reference models.',
    };
  const least = leastOn(requirement, reference);
  if (least < requirement.minimum)
    return {
      message: `expected at least ${requirement.minimum} reference models trained ${side(requirement)} each sample, got as few as ${least} of ${reference.models}`,
      remedy: moreReferences(requirement, needed),
    };
  const most = requirement.signal === 'referenceIn' ? reference.mostIn : reference.mostOut;
  if (most < (requirement.somewhere ?? 0))
    return {
      message: `expected some sample with at least ${requirement.somewhere} reference models trained ${side(requirement)} it, got at most ${most}`,
      remedy: moreReferences(requirement, needed),
    };
  return null;
}

/** Where reference models are enough, but an attack is advised to have more. */
export function referenceThinness(requirement: SignalRequirement, available: AvailableSignals): Fault | null {
  if (!isReference(requirement) || requirement.advised === undefined || available.reference === undefined) return null;
  const least = leastOn(requirement, available.reference);
  if (least >= requirement.advised || referenceFault(requirement, available) !== null) return null;
  return {
    message: `expected ${requirement.advised} reference models trained ${side(requirement)} each sample for this setting to be at its best, got as few as ${least}`,
    remedy: `Give or train at least ${2 * requirement.advised} reference models, or pool the variance over samples.`,
  };
}

function isReference(requirement: SignalRequirement): requirement is ReferenceRequirement {
  return requirement.signal === 'referenceIn' || requirement.signal === 'referenceOut';
}

function moreReferences(requirement: ReferenceRequirement, needed: number): string {
  const more = `Give or train at least ${2 * needed} reference models, each sample in half of them`;
  return requirement.signal === 'referenceIn' ? `${more}, or use mode "offline".` : `${more}.`;
}

function leastOn(requirement: ReferenceRequirement, reference: AvailableReferences): number {
  return requirement.signal === 'referenceIn' ? reference.leastIn : reference.leastOut;
}

function side(requirement: ReferenceRequirement): string {
  return requirement.signal === 'referenceIn' ? 'with' : 'without';
}
