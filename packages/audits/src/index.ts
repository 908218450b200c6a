export * from './plan/estimate.js';
export * from './prepare.js';
export * from './report/report-bundle.js';
export { type AuditResources, type DataRole, dataRoles, jsonArtifact } from './resources.js';
export { runTask } from './tasks/catalog.js';
export type { Environment, TaskContext, TaskResult } from './tasks/context.js';
