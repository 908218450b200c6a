import { randomBytes } from 'node:crypto';
import { link as hardLink, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TaskOutput } from '@engram/domain';

/**
 * Names a task's output by writing a small JSON file. Of several writers at once one wins and the file is never seen
 * half-written.
 *
 * @param replace overwrite what is there: its artifact is gone.
 * @returns false when the name was taken already.
 */
export async function writeLink(path: string, output: TaskOutput, replace: boolean): Promise<boolean> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const partial = join(folder, `.${randomBytes(12).toString('hex')}`);
  const file = await open(partial, 'wx', 0o444);
  try {
    await file.writeFile(JSON.stringify(output));
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    if (replace) await rename(partial, path);
    else await hardLink(partial, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(partial, { force: true });
  }
}

/** @returns undefined when there is none, or what is there is no link. */
export async function readLink(path: string): Promise<TaskOutput | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const output = JSON.parse(text) as Partial<TaskOutput> | null;
    const complete =
      typeof output?.digest === 'string' &&
      typeof output.sizeBytes === 'number' &&
      typeof output.durationMs === 'number' &&
      typeof output.facts === 'object';
    return complete ? (output as TaskOutput) : undefined;
  } catch {
    return undefined;
  }
}
