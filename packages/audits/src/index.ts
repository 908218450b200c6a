export * from './prepare.js';
export * from './report-bundle.js';
