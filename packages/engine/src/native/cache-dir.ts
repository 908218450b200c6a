import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where native libraries are kept: one folder per user, so a second clone neither downloads nor compiles.
 * `ENGRAM_CACHE_DIR` wins, then `$XDG_CACHE_HOME/engram`, then `~/.cache/engram`.
 */
export function defaultCacheDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.ENGRAM_CACHE_DIR) return resolve(env.ENGRAM_CACHE_DIR);
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'engram');
}
