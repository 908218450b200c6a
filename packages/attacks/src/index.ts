export type { EntryRequest } from './catalog-request.js';
export {
  bleu4,
  editDistance,
  longestCommonRun,
  matchingPrefix,
  normalizedEditDistance,
  repeatedTokenShare,
} from './extraction/approximate-match.js';
export {
  defaultExtractionSuite,
  type ExtractionAttackRequest,
  extractionAttackRequest,
  parseExtractionAttackRequest,
} from './extraction/attack-request.js';
export {
  type CanarySpace,
  canarySpaceOf,
  canaryText,
  enumerateSecrets,
  type PlannedCanary,
  planCanaries,
  sampleSecrets,
  spaceBits,
} from './extraction/canary-space.js';
export { type ExtractionAttackId, extractionAttacks } from './extraction/catalog.js';
export { type Decoder, decoder, decoderName } from './extraction/decoder.js';
export type { ExtractionAttack, ExtractionSignals, PlannedExtractionAttack } from './extraction/define-attack.js';
export {
  curveDraws,
  drawsNeeded,
  extractionCurve,
  extractionRate,
  log10DrawsNeeded,
  probabilityWithin,
} from './extraction/draws.js';
export { type ExposureParameters, exposure } from './extraction/exposure/index.js';
export type { KolmogorovSmirnov } from './extraction/exposure/kolmogorov-smirnov.js';
export { type ExposureNullCheck, expectedNullExposure, exposureNullCheck } from './extraction/exposure/null-check.js';
export { type CanarySignals, type ExposureEstimator, type Exposures, exposures } from './extraction/exposure/score.js';
export type { TailFit } from './extraction/exposure/tail-fit.js';
export { type PrefixSuffixParameters, prefixSuffix } from './extraction/prefix-suffix/index.js';
export {
  type DecodedRecords,
  type SuffixRecords,
  scoringDecoder,
  suffixRecords,
  suffixScores,
} from './extraction/prefix-suffix/score.js';
export {
  type ClaimThresholds,
  claimRecords,
  defaultClaimThresholds,
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
export { assignStrata, enoughControls, type Strata } from './extraction/strata.js';
export {
  exactMemorization,
  extractionStrength,
  type GreedyStrength,
  greedyStrength,
  supportRate,
} from './extraction/strength.js';
export { type SuffixLogProbability, suffixLogProbability } from './extraction/suffix-log-probability.js';
export {
  concatTokenSignals,
  recordCount,
  sentinelLogProbability,
  type TokenSignals,
  tokenSignalsFromLogits,
} from './extraction/token-signals.js';
export {
  type MembershipAttackRequest,
  membershipAttackRequest,
  parseAttackRequest,
} from './membership/attack-request.js';
export { type MembershipAttackId, membershipAttacks } from './membership/catalog.js';
export { defaultMembershipSuite } from './membership/default-suite.js';
export type { MembershipAttack, PlannedMembershipAttack, ReferenceBudget } from './membership/define-attack.js';
export { inclusionCountAuc, leaveOneOut } from './membership/leave-one-out.js';
export { type Memorization, subsampledMemorization } from './membership/memorization.js';
export type { ReferenceValues } from './membership/reference-moments.js';
export {
  type AvailableReferences,
  type AvailableSignals,
  availableSignals,
  balancedReferences,
  type MissingRequirement,
  missingRequirements,
  type SignalRequirement,
  thinRequirements,
} from './membership/requirements.js';
export { rmiaPopulationShare } from './membership/rmia/score.js';
export { taylorSoftmaxLoss } from './membership/rmia/taylor-softmax.js';
export type {
  MembershipSignals,
  PopulationSignals,
  ReferenceSignals,
  TargetSignals,
} from './membership/signals.js';
export { expectedTpr, type Vulnerability, vulnerability } from './membership/vulnerability.js';
export type { JsonParameters } from './parameters.js';
