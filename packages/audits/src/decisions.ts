import type { ProbabilityOfTruth } from '@engram/attacks';
import type { sliceKinds } from '@engram/contract';
import type { Json, Recipe } from '@engram/domain';
import type { DeclaredGuesses, TrialThreshold } from '@engram/metrics';

/** A recipe and where it came from: the report says so, since references are only as good as it. */
export interface ChosenRecipe {
  readonly recipe: Recipe;
  readonly from: 'request' | 'manifest' | 'default';
}

/** One attack or estimator with its parameters, defaults filled in. */
export interface ChosenAttack {
  readonly attack: string;
  /** Name of its column in the per-sample table, unique in the audit. */
  readonly scoreId: string;
  readonly params: { readonly [name: string]: Json };
}

export interface MembershipDecisions {
  /** The first is the primary attack, named before anything runs. */
  readonly attacks: readonly ChosenAttack[];
  readonly skipped: readonly { readonly attack: string; readonly code: string; readonly reason: string }[];
  readonly fpr: readonly number[];
  /** The list of certified members asked for. */
  readonly certify: { readonly fdr: number } | null;
  /** Parts of the samples to show the primary attack on, as far as the data allow. */
  readonly slices: readonly (typeof sliceKinds)[number][];
  /** Reference models to train; 0 when none are needed, or they were given. */
  readonly referenceModels: number;
  /** Reference models that were given: trained on none of the rows, or on those the datasets' `referenceMember` marks. */
  readonly givenReferences: 'none' | 'field' | null;
  /** Augmented forms of each sample that target and references are asked about; 1 = the sample alone. */
  readonly queries: number;
  /** Probabilities of the truth other than the usual one that losses are told under; absent: none. */
  readonly lossesUnder?: readonly ProbabilityOfTruth[];
  /** Models to train by the target's recipe on exactly the members, to be attacked like it; 0 for none. */
  readonly retrainedTargets: number;
}

export interface ExtractionDecisions {
  readonly prefixSuffix: { readonly [name: string]: Json } | null;
  readonly exposure: { readonly [name: string]: Json } | null;
  readonly texts: 'redacted' | 'hidden' | 'shown';
}

export interface DifficultyDecisions {
  readonly estimators: readonly ChosenAttack[];
  /** `recordedTraining`: checkpoints of the target's own run came along. `surrogateTraining`: the recipe is run again. */
  readonly source: 'recordedTraining' | 'surrogateTraining';
  readonly checkpoints: number;
  readonly verify: {
    readonly method: 'noisyFineTune';
    readonly forgetSets: number;
    readonly size: number;
    readonly retrainSeeds: number;
    readonly epochs: number;
  } | null;
}

export interface MemorizationDecisions {
  /** Models of the bank. */
  readonly models: number;
  /** Trained here, uploaded, or known by their outputs alone. */
  readonly from: 'trained' | 'given' | 'outputs';
  /** Share of the rows each model trains on; 0.5 for a bank that is not trained here. */
  readonly subsetFraction: number;
  readonly measure: 'soft' | 'hard';
  readonly threshold: number;
  readonly influence: { readonly threshold: number } | null;
  /** Sizes of the training set to average held-out correctness over, the smallest first. */
  readonly consistency: readonly SubsetSize[] | null;
  readonly onion: {
    readonly removeFraction: number;
    readonly exposure: 'vulnerability' | 'memorization';
    readonly models: number;
    readonly retrainSeeds: number;
  } | null;
}

/** Models trained on subsets of one size. */
export interface SubsetSize {
  /** Of the rows. */
  readonly subsetFraction: number;
  readonly models: number;
  /** They are the bank that memorization is estimated from. */
  readonly isBank: boolean;
}

export interface LabelMemorizationDecisions {
  /** Shares of random labels, ascending, 0 among them. */
  readonly randomLabels: {
    readonly corruption: readonly number[];
    readonly epochs: number;
    readonly seeds: number;
  } | null;
  readonly noisyLabels: { readonly flip: number; readonly runs: number; readonly epochs: number } | null;
  readonly reviewShare: number;
  readonly earlyLearning: boolean;
}

/** What preflight settled of the bounds on epsilon: everything is fixed before any score is looked at. */
export type PrivacyBoundsDecisions = CommonBoundsDecisions &
  (
    | { readonly design: 'oneRun'; readonly guesses: DeclaredGuesses }
    | { readonly design: 'independentTrials'; readonly threshold: TrialThreshold }
  );

interface CommonBoundsDecisions {
  /** What canaries are ranked by. */
  readonly score: ChosenAttack;
  readonly delta: number;
  readonly significance: number;
  readonly claimedEpsilon: number | null;
}

/** What preflight settled: every default chosen, everything impossible refused. Planning only lays it out. */
export interface Decisions {
  readonly recipe: ChosenRecipe | null;
  readonly membership: MembershipDecisions | null;
  readonly extraction: ExtractionDecisions | null;
  readonly difficulty: DifficultyDecisions | null;
  readonly labelMemorization: LabelMemorizationDecisions | null;
  readonly privacyBounds: PrivacyBoundsDecisions | null;
  readonly memorization: MemorizationDecisions | null;
  readonly notices: readonly string[];
}
