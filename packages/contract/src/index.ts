export * from './audit-request.js';
export * from './client.js';
export * from './identifiers.js';
export * from './memorization-test.js';
export * from './openapi.js';
export * from './privacy-bounds-test.js';
export * from './problem-kinds.js';
export * from './problems.js';
export * from './report/attack-result.js';
export * from './report/difficulty-report.js';
export * from './report/extraction-report.js';
export * from './report/finding.js';
export * from './report/gate.js';
export * from './report/histogram.js';
export type {
  EarlyLearning,
  LabelMemorizationReport,
  LabelReview,
  NoisyLabelDetection,
  RandomLabelCapacity,
} from './report/label-memorization-report.js';
export * from './report/measured.js';
export * from './report/membership-numbers.js';
export * from './report/membership-report.js';
export * from './report/memorization-report.js';
export * from './report/privacy-bounds-report.js';
export * from './report/quantity.js';
export * from './report/report.js';
export * from './report/retrained-targets-report.js';
export * from './report/traceability-report.js';
export * from './report/verdict.js';
export * from './resources/audit.js';
export * from './resources/audit-events.js';
export * from './resources/canaries.js';
export * from './resources/capabilities.js';
export * from './resources/dataset.js';
export * from './resources/health.js';
export * from './resources/model.js';
export * from './resources/page.js';
export * from './resources/samples.js';
export * from './route.js';
export * from './routes.js';
export * from './tests-requested.js';
