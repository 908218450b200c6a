/** For tests, of other packages too: an artifact store in memory, and files as users upload them. */
export { tarOf, tgzOf, zipOf } from './testing/archives.js';
export { MemoryStore } from './testing/memory-store.js';
export { npy } from './testing/npy.js';
