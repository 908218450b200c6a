import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngramError } from '@engram/domain';
import { buildAddon } from './addon.js';
import { defaultCacheDir } from './cache-dir.js';
import { cudaRequirements } from './library.js';
import { withLock } from './lock.js';
import { addonPackages } from './packages.js';
import { secondsLeft } from './progress.js';
import { setUpNative } from './set-up.js';
import { inspectNative } from './status.js';

test('the cache is one folder per user, and can be moved', () => {
  assert.equal(defaultCacheDir({ ENGRAM_CACHE_DIR: '/a/b' }), '/a/b');
  assert.equal(defaultCacheDir({ XDG_CACHE_HOME: '/x' }), '/x/engram');
  assert.match(defaultCacheDir({}), /\/\.cache\/engram$/);
});

test('the time left is what remains at the mean speed so far', () => {
  assert.equal(secondsLeft(50, 200, 0, 10_000), 30);
  assert.equal(secondsLeft(250, 200, 0, 10_000), 0);
  assert.equal(secondsLeft(0, 200, 0, 10_000), undefined);
});

test('the CUDA wheels are those the and-cuda extra names', () => {
  const metadata = [
    'Requires-Dist: numpy>=1.26.0',
    'Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"',
    "Requires-Dist: nvidia-nccl-cu12 (==2.27.7) ; extra == 'and-cuda'",
    'Requires-Dist: nvidia-other; extra == "other"',
  ].join('\n');
  assert.deepEqual(cudaRequirements(metadata), [
    { name: 'nvidia-cublas-cu12', version: '<13.0,>=12.5.3.2' },
    { name: 'nvidia-nccl-cu12', version: '==2.27.7' },
  ]);
});

test('a lock lets one work at a time, and one left behind is taken over', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'engram-lock-'));
  const lock = join(folder, 'set-up.lock');
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await sleep(50);
    inside -= 1;
  };
  await Promise.all([withLock(lock, work), withLock(lock, work), withLock(lock, work)]);
  assert.equal(most, 1);
  await writeFile(lock, 'someone who is gone');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(lock, longAgo, longAgo);
  let waited = false;
  assert.equal(
    await withLock(lock, async () => readFile(lock, 'utf8'), { onWait: () => (waited = true) }).then((held) =>
      held.includes('gone'),
    ),
    false,
  );
  assert.equal(waited, true);
  await rm(folder, { recursive: true });
});

test('setting up twice finds everything in place, and the status says what is in use', async () => {
  await setUpNative({ device: 'cpu' });
  const steps: string[] = [];
  const status = await setUpNative({ device: 'cpu', onProgress: ({ step }) => steps.push(step) });
  assert.deepEqual(steps, ['done']);
  assert.equal(status.ready, true);
  assert.equal(status.source, 'wheel');
  assert.match(status.wheel ?? '', /^tensorflow_cpu-2\.21\.0-/);
  assert.deepEqual(status.missing, []);
  assert.deepEqual(JSON.parse(JSON.stringify(status)), status);
  assert.deepEqual(await inspectNative(), status);
});

test('an unknown device is refused by name', async () => {
  const { ENGRAM_DEVICE } = process.env;
  process.env.ENGRAM_DEVICE = 'tpu';
  try {
    await assert.rejects(
      setUpNative(),
      (error: EngramError) => error.code === 'ENG_REQUEST_INVALID' && /"tpu"/.test(error.message),
    );
  } finally {
    if (ENGRAM_DEVICE === undefined) delete process.env.ENGRAM_DEVICE;
    else process.env.ENGRAM_DEVICE = ENGRAM_DEVICE;
  }
});

test('without a compiler the remedy names one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'engram-addon-'));
  const { PATH, CXX } = process.env;
  process.env.PATH = folder;
  delete process.env.CXX;
  const library = {
    device: 'cpu' as const,
    version: '2.21.0',
    wheel: 'none',
    siteFolder: folder,
    libraryFolder: folder,
    includeFolder: folder,
  };
  try {
    await assert.rejects(
      buildAddon(library, addonPackages(), () => undefined),
      (error: EngramError) => error.code === 'ENG_NATIVE_LIBRARY_MISSING' && /g\+\+/.test(error.remedy ?? ''),
    );
  } finally {
    process.env.PATH = PATH;
    if (CXX !== undefined) process.env.CXX = CXX;
    await rm(folder, { recursive: true });
  }
});
