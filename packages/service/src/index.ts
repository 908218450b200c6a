export * from './logger.js';
export * from './metrics.js';
export * from './settings/settings.js';
export type { ConfiguredKey } from './settings/variables.js';
export * from './shutdown.js';
