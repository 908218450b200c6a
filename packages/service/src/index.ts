export * from './logger.js';
export * from './metrics.js';
export * from './redis/embedded-redis.js';
export * from './redis/server-binary.js';
export * from './settings/settings.js';
export type { ConfiguredKey } from './settings/variables.js';
export * from './shutdown.js';
