import type { PrivacyBound } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { clopperPearson, type ErrorCounts, errorCounts, oneRunEpsilon } from '@engram/metrics';
import { createRandom, deriveSeed } from '@engram/numeric';
import type { PrivacyBoundsDecisions } from '../decisions.js';
import { oneRunBounds } from './one-run-bounds.js';
import { trialBounds } from './trial-bounds.js';

/** Guesses about what was trained on, and how many were right. */
export interface Guessed {
  readonly correct: number;
  readonly guesses: number;
}

export interface MeasuredDesign {
  /** The one the verdict rests on first. */
  readonly bounds: readonly PrivacyBound[];
  readonly guessed: Guessed;
  /** Share of the same guesses that are right about coins drawn anew: half, if all is well. */
  readonly control: Measured;
}

/**
 * @param scores (n) one per canary or trial; higher = more surely trained on, or with.
 * @param included (n) 1 = trained on, or with.
 */
export function measureDesign(
  decisions: PrivacyBoundsDecisions,
  scores: Float64Array,
  included: Uint8Array,
  seed: number,
): MeasuredDesign {
  const settings = { delta: decisions.delta, significance: decisions.significance, seed: deriveSeed(seed, 'order') };
  const random = createRandom(deriveSeed(seed, 'control'));
  const coins = Uint8Array.from(included, () => Number(random.uniform() < 0.5));
  if (decisions.design === 'oneRun') {
    const bounds = oneRunBounds(scores, included, { ...settings, guesses: decisions.guesses });
    const { guesses, correct, guessedIn, guessedOut } = bounds[0].details as Record<string, number>;
    const redrawn = oneRunEpsilon(scores, coins, { in: guessedIn, out: guessedOut }, settings);
    return { bounds, guessed: { correct, guesses }, control: shareRight(redrawn, decisions) };
  }
  const bounds = trialBounds(scores, included, { ...settings, threshold: decisions.threshold });
  const counted = bounds[0].details as unknown as ErrorCounts & { readonly threshold: number };
  const redrawn = guessesOf(errorCounts(scores, coins, counted.threshold));
  return { bounds, guessed: guessesOf(counted), control: shareRight(redrawn, decisions) };
}

function guessesOf({ falseNegatives, positives, falsePositives, negatives }: ErrorCounts): Guessed {
  const guesses = positives + negatives;
  return { guesses, correct: guesses - falseNegatives - falsePositives };
}

function shareRight({ correct, guesses }: Guessed, { significance }: PrivacyBoundsDecisions): Measured {
  return clopperPearson(correct, guesses, 1 - significance);
}
