export type { CatalogEntry } from './catalog-entry.js';
export type { EntryRequest } from './catalog-request.js';
export {
  type EarlyLearningCurve,
  earlyLearningCurve,
  earlyLearningEpoch,
  epochsToAccuracy,
  labelNoiseMemorization,
} from './data-diet/early-learning.js';
export { flipLabels, type NoisyLabels, occurringClasses, randomizeLabels } from './data-diet/label-noise.js';
export { meanOverRuns, type RunTrace } from './data-diet/run-trace.js';
export { type DataDietScoreId, dataDietScoreIds, dataDietScores } from './data-diet/scores.js';
export { forgettingCount, mostSuspect, votedLabels } from './data-diet/suspects.js';
export {
  bleu4,
  editDistance,
  longestCommonRun,
  matchingPrefix,
  normalizedEditDistance,
  repeatedTokenShare,
} from './extraction/approximate-match.js';
export {
  extractionAttackRequest,
  parseExtractionAttackRequest,
} from './extraction/attack-request.js';
export {
  type CanarySpace,
  canarySpaceOf,
  canaryText,
  enumerateSecrets,
  sampleSecrets,
  spaceBits,
} from './extraction/canary-space.js';
export { type ExtractionAttackId, extractionAttacks } from './extraction/catalog.js';
export { type Decoder, decoderName } from './extraction/decoder.js';
export type { ExtractionAttack, ExtractionSignals, PlannedExtractionAttack } from './extraction/define-attack.js';
export {
  drawsNeeded,
  extractionCurve,
  extractionRate,
  log10DrawsNeeded,
  probabilityWithin,
} from './extraction/draws.js';
export { type ExposureParameters, exposure } from './extraction/exposure/index.js';
export { type ExposureNullCheck, expectedNullExposure, exposureNullCheck } from './extraction/exposure/null-check.js';
export { type CanarySignals, type ExposureEstimator, type Exposures, exposures } from './extraction/exposure/score.js';
export type { TailFit } from './extraction/exposure/tail-fit.js';
export { prefixSuffix } from './extraction/prefix-suffix/index.js';
export {
  type DecodedRecords,
  type SuffixRecords,
  scoringDecoder,
  suffixRecords,
} from './extraction/prefix-suffix/score.js';
export {
  type ClaimThresholds,
  claimRecords,
  priorAwareSpecificity,
  type RecordClaims,
  type RecordLabel,
  recordLabels,
} from './extraction/record-labels.js';
export {
  type AvailableForExtraction,
  type ExtractionRequirement,
  type MissingExtractionRequirement,
  missingExtractionRequirements,
  thinExtractionRequirements,
} from './extraction/requirements.js';
export { type GreedyStrength, greedyStrength, supportRate } from './extraction/strength.js';
export { type SuffixLogProbability, suffixLogProbability } from './extraction/suffix-log-probability.js';
export {
  concatTokenSignals,
  type TokenSignals,
  tokenSignalsFromLogits,
} from './extraction/token-signals.js';
export {
  type MembershipAttackRequest,
  membershipAttackRequest,
  parseAttackRequest,
} from './membership/attack-request.js';
export { type AvailableReferences, type AvailableSignals, balancedReferences } from './membership/available-signals.js';
export { type MembershipAttackId, membershipAttacks } from './membership/catalog.js';
export { defaultMembershipSuite } from './membership/default-suite.js';
export type { MembershipAttack, PlannedMembershipAttack, ReferenceBudget } from './membership/define-attack.js';
export { lastLayerNorms, type NormOrder } from './membership/gradient-norm/last-layer-norms.js';
export {
  type InclusionAuc,
  inclusionCountAuc,
  inclusionHistogramAuc,
  leaksMembership,
} from './membership/inclusion-counts.js';
export { confidenceDrops, dropsAreAffordable } from './membership/influence/confidence-drops.js';
export type { LastLayer } from './membership/influence/last-layer.js';
export { type AugmentationSettings, augmentationVotes } from './membership/label-queries/augmentation-votes.js';
export { boundaryDistances } from './membership/label-queries/boundary-distance.js';
export { boundaryStarts } from './membership/label-queries/boundary-starts.js';
export type { InputRange } from './membership/label-queries/input-range.js';
export type { LabelledSamples, LabelMeasurement, LabelOracle } from './membership/label-queries/label-oracle.js';
export { noiseRobustness } from './membership/label-queries/noise-robustness.js';
export { mostSurrogates, type SurrogateModels } from './membership/label-queries/surrogate-models.js';
export { type TransferSettings, transferAttack } from './membership/label-queries/transfer-attack.js';
export { leaveOneOut } from './membership/leave-one-out.js';
export {
  type LinearDesign,
  linearStatistics,
  mostLinearWeights,
  populationMinimiser,
  populationRowsPerWeight,
} from './membership/linear-statistics/linear-statistics.js';
export { meanTracingScores } from './membership/linear-statistics/mean-tracing.js';
export { type LossesUnder, lossUnder, type ProbabilityOfTruth, probabilityKey } from './membership/loss-under.js';
export { type MissingRequirement, missingRequirements, thinRequirements } from './membership/missing-requirements.js';
export { passesPerSample } from './membership/passes-per-sample.js';
export { labelMargins, modifiedEntropies } from './membership/probability-summary.js';
export type { ReferenceValues } from './membership/reference-moments.js';
export type { SignalRequirement } from './membership/requirements.js';
export {
  type MembershipSignals,
  type PopulationSignals,
  type ReferenceSignals,
  sampleCount,
  type TargetSignals,
} from './membership/signals.js';
export { type MeasuredTarget, type MeasureKind, measureKey, type TargetMeasure } from './membership/target-measure.js';
export { withRetrainedTarget } from './membership/target-of-bank.js';
export { expectedTpr, type Vulnerability, vulnerability } from './membership/vulnerability.js';
export { cScores, heldOutAccuracies } from './memorization/c-score.js';
export {
  type InfluenceBank,
  influenceOf,
  type StrongestInfluences,
  strongestInfluences,
} from './memorization/influence.js';
export { comparePeeled, exposedLayer, type LayerComparison, randomLayer } from './memorization/onion.js';
export {
  type Memorization,
  type MemorizationMeasure,
  memorizedPValues,
  subsampledMemorization,
} from './memorization/subsampled-memorization.js';
export { agreement, consistency } from './memorization/typicality.js';
export { type DifficultyBin, describeBins, rankBins } from './unlearning/bins.js';
export { difficultyEstimators, type EstimatorId } from './unlearning/catalog.js';
export { type ComposedSteps, compositionBound } from './unlearning/composition.js';
export type { DifficultyEstimate, Estimator, PlannedEstimator } from './unlearning/define-estimator.js';
export { estimatorRequest, parseEstimatorRequest } from './unlearning/estimator-request.js';
export { chooseForgetSets, type ForgetSet } from './unlearning/forget-sets.js';
export {
  gaussianRenyi,
  type NoisyContraction,
  noisyContractionDivergence,
  noisyContractionSteps,
} from './unlearning/gaussian-renyi.js';
export { logisticDeletion } from './unlearning/logistic-deletion.js';
export { logSpacedSteps, momentWeights } from './unlearning/moments.js';
export {
  type AvailableForDifficulty,
  type DifficultyRequirement,
  type MissingDifficultyRequirement,
  missingDifficultyRequirements,
  thinDifficultyRequirements,
} from './unlearning/requirements.js';
export { type RidgeDeletion, ridgeDeletion } from './unlearning/ridge-deletion.js';
export { sampledGaussianRenyi } from './unlearning/sampled-gaussian.js';
export type { DifficultySignals, FinalModel, TrainingTrajectory } from './unlearning/signals.js';
export { fitStepPredictor, type PredictedSteps, type StepPredictor } from './unlearning/step-predictor.js';
export {
  retrainTolerance,
  type SampleSteps,
  type StepsToRetrainLevel,
  sampleStepsToRetrainLevel,
  stepsToRetrainLevel,
  type UnlearningCurve,
} from './unlearning/steps-to-retrain-level.js';
