import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));

/** Reads files of a folder of real data beside the repository. */
export type ReadFile = (path: string) => Uint8Array;

/** Undefined when the folder is not there: the test is then skipped, and says so. */
export function sharedData(context: TestContext, name: string): ReadFile | undefined {
  const folder = join(process.env.ENGRAM_SHARED_DATA ?? join(repository, '..', 'shared', 'data'), name);
  if (existsSync(folder)) return (path) => new Uint8Array(readFileSync(join(folder, path)));
  context.skip(`real data not found at ${folder}`);
  return undefined;
}
