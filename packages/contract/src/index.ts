export * from './attack-result.js';
export * from './audit-request.js';
export * from './client.js';
export * from './difficulty-report.js';
export * from './extraction-report.js';
export * from './finding.js';
export * from './gate.js';
export * from './histogram.js';
export * from './identifiers.js';
export type {
  EarlyLearning,
  LabelMemorizationReport,
  LabelReview,
  NoisyLabelDetection,
  RandomLabelCapacity,
} from './label-memorization-report.js';
export * from './measured.js';
export * from './membership-numbers.js';
export * from './membership-report.js';
export * from './memorization-report.js';
export * from './memorization-test.js';
export * from './openapi.js';
export * from './privacy-bounds-report.js';
export * from './privacy-bounds-test.js';
export * from './problem-kinds.js';
export * from './problems.js';
export * from './quantity.js';
export * from './report.js';
export * from './resources/audit.js';
export * from './resources/audit-events.js';
export * from './resources/canaries.js';
export * from './resources/capabilities.js';
export * from './resources/dataset.js';
export * from './resources/health.js';
export * from './resources/model.js';
export * from './resources/page.js';
export * from './resources/samples.js';
export * from './retrained-targets-report.js';
export * from './route.js';
export * from './routes.js';
export * from './tests-requested.js';
export * from './traceability-report.js';
export * from './verdict.js';
