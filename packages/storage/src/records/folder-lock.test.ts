import assert from 'node:assert/strict';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { lockFolder } from './folder-lock.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engram-lock-'));
});
after(() => rm(folder, { recursive: true }));

test('a folder has one holder at a time', async () => {
  const path = join(folder, 'a.json');
  const unlock = await lockFolder(path);
  await assert.rejects(lockFolder(path), { code: 'ENG_STORE_UNAVAILABLE', message: /in use by process/ });
  await unlock();
  await (await lockFolder(path))();
});

test('the claim of a process that is gone, or of an earlier one of the same number, is taken over', async () => {
  const path = join(folder, 'b.json');
  for (const holder of [
    { pid: 2 ** 22 + 1, host: hostname() },
    { pid: process.pid, host: hostname(), startTicks: '1' },
  ]) {
    await writeFile(path, JSON.stringify(holder));
    await (await lockFolder(path))();
  }
});

test('the claim of a process that died while claiming is taken over', async () => {
  const path = join(folder, 'c.json');
  await writeFile(path, '');
  await (await lockFolder(path))();
});

test('a claim of another machine stands while it is refreshed, and is taken over when it no longer is', async () => {
  const path = join(folder, 'd.json');
  await writeFile(path, JSON.stringify({ pid: 1, host: 'elsewhere' }));
  const refresh = setInterval(() => void utimes(path, new Date(), new Date()), 50);
  await assert.rejects(lockFolder(path, 400), { code: 'ENG_STORE_UNAVAILABLE', message: /process 1 on elsewhere/ });
  clearInterval(refresh);
  await (await lockFolder(path, 400))();
});
