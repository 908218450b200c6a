export * from './blind-baseline/blind-baseline-gate.js';
export type { BlindClassifier } from './blind-baseline/permutation-test.js';
export * from './bounds/bayesian-epsilon.js';
export * from './bounds/betting-e-process.js';
export * from './bounds/clopper-pearson-epsilon.js';
export { type DeclaredGuesses, declaredSplits, type GuessSplit } from './bounds/declared-guesses.js';
export * from './bounds/dp-ceilings.js';
export * from './bounds/epsilon-estimates.js';
export { type ErrorCounts, errorCounts } from './bounds/error-counts.js';
export * from './bounds/gaussian-conversion.js';
export * from './bounds/gaussian-epsilon.js';
export * from './bounds/one-run-epsilon.js';
export * from './bounds/trial-errors.js';
export * from './correlation/spearman-interval.js';
export * from './detection/certified-members.js';
export * from './detection/conformal.js';
export * from './detection/multiple-testing.js';
export * from './detection/split-halves.js';
export * from './distributions/mann-whitney.js';
export * from './distributions/mean-difference.js';
export * from './distributions/wasserstein.js';
export { clopperPearson, clopperPearsonOneSided } from './rates/clopper-pearson.js';
export { fisherExactGreater } from './rates/fisher-exact.js';
export * from './rates/minimum-non-members.js';
export * from './rates/wilson.js';
export * from './resampling/bootstrap.js';
export * from './roc/advantage.js';
export { type AucOptions, auc, aucStandardError, nullStandardError } from './roc/auc.js';
export * from './roc/calibrated-threshold.js';
export * from './roc/paired-delong.js';
export * from './roc/placements.js';
export * from './roc/precision.js';
export * from './roc/roc-band.js';
export * from './roc/roc-curve.js';
export { rankBeyond, rocHeight } from './roc/roc-height.js';
export {
  type OperatingPoint,
  type OperatingPointOptions,
  tprAtCalibratedThreshold,
  tprAtFpr,
} from './roc/tpr-at-fpr.js';
export { scoresOf } from './scored-samples.js';
export * from './traceability/conditional-mutual-information.js';
export * from './traceability/traceability.js';
