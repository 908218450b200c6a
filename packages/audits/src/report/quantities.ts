import type { Gate, Quantity } from '@engram/contract';

/** How well an attack, or a classifier without the model, ranks members above non-members. */
export const attackAuc: Quantity = { kind: 'auc', unit: 'fraction', direction: 'higherIsWorse', chance: 0.5 };

/** What each gate measures. Of two the direction means nothing: either side of a fair coin is amiss. */
export const gateQuantities: Readonly<Record<Gate['gate'], Quantity>> = {
  blindBaseline: attackAuc,
  sharedSamples: exposedShare(0),
  modelSwap: { ...attackAuc, direction: 'awayFromChanceIsWorse' },
  splitHalf: { ...attackAuc, direction: 'awayFromChanceIsWorse' },
};

/**
 * A share of members, texts, guesses or labels, of which more means that more is remembered.
 *
 * @param chance what guessing gets; null where only the control tells.
 */
export function exposedShare(chance: number | null): Quantity {
  return { kind: 'rate', unit: 'fraction', direction: 'higherIsWorse', chance };
}

/** Mean exposure of secrets; those never planted have ranks spread evenly, and log2 e bits. */
export const meanExposure: Quantity = {
  kind: 'exposure',
  unit: 'bits',
  direction: 'higherIsWorse',
  chance: Math.LOG2E,
};

/** How far an estimate orders sets as their removal did. */
export const rankAgreement: Quantity = {
  kind: 'correlation',
  unit: 'coefficient',
  direction: 'higherIsBetter',
  chance: 0,
};

/** How well a score ranks labels flipped on purpose above those left alone. */
export const detectionAuc: Quantity = { kind: 'auc', unit: 'fraction', direction: 'higherIsBetter', chance: 0.5 };

/** Mean answer of a model less that of models trained without the samples; choosing samples by it raises it everywhere. */
export const meanMemorization: Quantity = {
  kind: 'memorization',
  unit: 'fraction',
  direction: 'higherIsWorse',
  chance: null,
};

/** How much a share of wrong labels learned grows. */
export const memorizedRise: Quantity = { kind: 'rise', unit: 'fraction', direction: 'higherIsWorse', chance: 0 };
