import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const beside = fileURLToPath(new URL('../../../../shared/data', import.meta.url));

/** A file of real data kept beside the repository, or under ENGRAM_SHARED_DATA. */
export function readShared(folder, file) {
  return readFileSync(join(process.env.ENGRAM_SHARED_DATA ?? beside, folder, file));
}
