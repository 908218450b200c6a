export * from './audit-request.js';
export * from './identifiers.js';
export * from './measured.js';
export * from './report.js';
export * from './tests-requested.js';
