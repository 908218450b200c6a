import type { Quantity } from './quantity.js';

/** Every kind of finding an audit makes, by the whole form of its id, and what its number counts. */
const measuredBy: readonly (readonly [id: RegExp, quantity: Quantity])[] = [
  [/^membership\.gate\.sharedSamples$/, 'rate'],
  [/^membership\.gate\.\w+$/, 'auc'],
  [/^membership\..+\.auc$/, 'auc'],
  [/^membership\..+\.tpr@[^@]+$/, 'rate'],
  [/^extraction\.prefixSuffix\.memorized$/, 'rate'],
  [/^extraction\.prefixSuffix\.extractable@\d+$/, 'rate'],
  [/^extraction\.exposure@\d+$/, 'bits'],
  [/^unlearningDifficulty\..+\.rankCorrelation\.\w+$/, 'correlation'],
  // The share of right guesses, from which the bound on epsilon follows.
  [/^privacyBounds\.\w+\.epsilon$/, 'rate'],
  [/^memorization\.members@[^@]+$/, 'rate'],
  [/^memorization\.target$/, 'gap'],
  [/^memorization\.onion\.\w+$/, 'rate'],
  [/^labelMemorization\.randomLabels$/, 'rate'],
  [/^labelMemorization\.noisyLabels\.\w+$/, 'auc'],
  [/^labelMemorization\.earlyLearning$/, 'points'],
];

/**
 * What the number of a finding counts. A finding of a kind not known here is written as a bare number: a wrong unit would
 * be worse than none.
 */
export function quantityOfFinding(id: string): Quantity {
  return measuredBy.find(([form]) => form.test(id))?.[1] ?? 'number';
}
