import type { DeclaredGuesses, TrialThreshold } from '@engram/metrics';
import type { ChosenAttack } from '../decisions.js';

/** What preflight settled of the bounds on epsilon: everything is fixed before any score is looked at. */
export type PrivacyBoundsDecisions = CommonDecisions & (OneRun | IndependentTrials);

interface CommonDecisions {
  /** What canaries are ranked by. */
  readonly score: ChosenAttack;
  readonly delta: number;
  readonly significance: number;
  readonly claimedEpsilon: number | null;
}

interface OneRun {
  readonly design: 'oneRun';
  readonly guesses: DeclaredGuesses;
}

interface IndependentTrials {
  readonly design: 'independentTrials';
  readonly threshold: TrialThreshold;
}
