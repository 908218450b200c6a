import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { ModelSource } from '@engram/domain';

/** A model that lies in a local folder. Every file is read once, for its digest. */
export async function sourceOfFolder(folder: string): Promise<ModelSource> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.sort().map(async (path) => {
      const bytes = await readFile(path);
      return {
        path: relative(folder, path).split(sep).join('/'),
        sizeBytes: bytes.length,
        digest: createHash('sha256').update(bytes).digest('hex'),
      };
    }),
  );
  return {
    files,
    read: (path) => readFile(join(folder, path)),
    localPath: async (path) => join(folder, path),
  };
}
