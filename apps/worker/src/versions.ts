import { readFileSync } from 'node:fs';

/** Versions a report states: of engram, and of the packages whose arithmetic its numbers rest on. */
export function versions(): Record<string, string> {
  const own = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return { engram: own.version };
}
