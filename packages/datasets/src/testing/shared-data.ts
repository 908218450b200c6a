import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = process.env.ENGRAM_SHARED_DATA ?? join(repositoryRoot(), '../shared/data');

function repositoryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'turbo.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** Options of a test that needs real data lying beside the repository: it is skipped, saying so, where there are none. */
export function needs(...names: readonly string[]): { readonly skip: string | false } {
  const missing = names.find((name) => !existsSync(join(root, name)));
  return { skip: missing === undefined ? false : `${join(root, missing)} is not here` };
}

export function sharedFile(name: string): Uint8Array {
  return readFileSync(join(root, name));
}
