import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { artifactStoreConformance } from './conformance.js';
import { openFolderStore } from './folder-store.js';

const limits = { artifactBytes: 2 ** 30 };

async function bytesUnder(folder: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) total += (await stat(join(entry.parentPath, entry.name))).size;
  return total;
}

artifactStoreConformance('folder', async () => {
  const root = await mkdtemp(join(tmpdir(), 'engram-artifacts-'));
  const store = await openFolderStore({ root, limits });
  return {
    store,
    async damage(project, digest) {
      const path = await store.localPath(project, digest);
      await chmod(path, 0o644);
      await writeFile(path, 'damaged');
    },
    bytesHeld: () => bytesUnder(root),
    close: () => rm(root, { recursive: true, force: true }),
  };
});

test('half-written files of killed processes are swept at start; those being written are left', async () => {
  const root = await mkdtemp(join(tmpdir(), 'engram-artifacts-'));
  await openFolderStore({ root, limits });
  const [orphan, young] = [join(root, '.incoming', 'a.part'), join(root, '.incoming', 'b.part')];
  await writeFile(orphan, 'x');
  await writeFile(young, 'x');
  const hourAgo = Date.now() / 1000 - 3600;
  await utimes(orphan, hourAgo, hourAgo);
  await openFolderStore({ root, limits });
  assert.deepEqual(await readdir(join(root, '.incoming')), ['b.part']);
  await rm(root, { recursive: true });
});

test('a link file that was cut short names nothing and is replaced', async () => {
  const root = await mkdtemp(join(tmpdir(), 'engram-artifacts-'));
  const store = await openFolderStore({ root, limits });
  const { digest, sizeBytes } = await store.put('default', new Uint8Array([1]));
  const output = { digest, sizeBytes, durationMs: 1, facts: {} };
  await store.link('default', 'task', output);
  const path = join(root, 'default', 'tasks', 'ta', 'task.json');
  await chmod(path, 0o644);
  await writeFile(path, '{"digest":"');
  assert.equal(await store.resolve('default', 'task'), undefined);
  await store.link('default', 'task', output);
  assert.deepEqual(await store.resolve('default', 'task'), output);
  await rm(root, { recursive: true });
});

test('a store whose folder is gone is unavailable, not empty', async () => {
  const root = await mkdtemp(join(tmpdir(), 'engram-artifacts-'));
  const store = await openFolderStore({ root, limits });
  await rm(root, { recursive: true });
  await writeFile(root, 'a file where the folder was');
  await assert.rejects(store.put('default', new Uint8Array([1])), { code: 'ENG_STORE_UNAVAILABLE' });
  await rm(root);
});
