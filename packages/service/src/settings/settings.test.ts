import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { readSettings } from './settings.js';

function faultsOf(environment: Record<string, string>): string[] {
  try {
    readSettings(environment, '/home/someone');
  } catch (error) {
    assert.ok(error instanceof EngramError);
    assert.equal(error.code, 'ENG_SETTINGS_INVALID');
    return error.faults.map((fault) => fault.message);
  }
  return [];
}

test('an empty environment gives a service on loopback with embedded stores', () => {
  const settings = readSettings({}, '/home/someone');
  assert.equal(settings.host, '127.0.0.1');
  assert.equal(settings.port, 7373);
  assert.equal(settings.dataDir, '/home/someone/.engram');
  assert.equal(settings.databaseUrl, undefined);
  assert.equal(settings.redisUrl, undefined);
  assert.equal(settings.keysRequired, false);
  assert.equal(settings.limits.uploadBytes, 5 * 1024 ** 3);
});

test('a variable that is set but empty counts as not set', () => {
  assert.equal(readSettings({ ENGRAM_PORT: '', REDIS_URL: '  ' }).port, 7373);
});

test('the cache folder follows the XDG convention unless named', () => {
  assert.equal(readSettings({ XDG_CACHE_HOME: '/xdg' }).cacheDir, '/xdg/engram');
  assert.equal(readSettings({ XDG_CACHE_HOME: '/xdg', ENGRAM_CACHE_DIR: '/mine' }).cacheDir, '/mine');
});

test('sizes are read as people write them', () => {
  const limit = (text: string) => readSettings({ ENGRAM_UPLOAD_LIMIT: text }).limits.uploadBytes;
  assert.equal(limit('5GiB'), 5 * 2 ** 30);
  assert.equal(limit('500 MB'), 500e6);
  assert.equal(limit('1.5kib'), 1536);
  assert.equal(limit('1048576'), 1048576);
});

test('every wrong variable is named in one go, with what to write instead', () => {
  const faults = faultsOf({
    ENGRAM_PORT: '70000',
    ENGRAM_DEVICE: 'tpu',
    ENGRAM_UPLOAD_LIMIT: 'much',
    ENGRAM_COMPUTE_SLOTS: '-1',
  });
  assert.deepEqual(faults, [
    'ENGRAM_PORT: expected a whole number from 0 to 65535; use a free port such as 7373 (0 = any free one)',
    'ENGRAM_DEVICE: expected one of auto, cpu, cuda; auto takes an NVIDIA GPU when there is one',
    'ENGRAM_COMPUTE_SLOTS: expected a whole number from 0 to 64; one per GPU, or 1 on a CPU; 0 takes no compute tasks',
    'ENGRAM_UPLOAD_LIMIT: expected a size such as 5GiB, 500MB or a number of bytes; it bounds each uploaded file',
  ]);
});

test('a wrong URL is refused without repeating it, since it may carry a password', () => {
  const faults = faultsOf({ DATABASE_URL: 'mysql://root:hunter2@db/x', REDIS_URL: 'hunter2' });
  assert.equal(faults.length, 2);
  for (const fault of faults) assert.doesNotMatch(fault, /hunter2/);
});

test('keys are required on every address that others can reach', () => {
  const required = (host: string) => readSettings({ ENGRAM_HOST: host }).keysRequired;
  for (const host of ['127.0.0.1', '127.8.9.10', 'localhost', '::1']) assert.equal(required(host), false, host);
  for (const host of ['0.0.0.0', '::', '10.0.0.5', '127.0.0.1.example.org', 'engram'])
    assert.equal(required(host), true, host);
});

test('a key alone belongs to the default project; a short one is refused by its place, not its value', () => {
  const long = 'k'.repeat(24);
  assert.deepEqual(readSettings({ ENGRAM_API_KEYS: `${long}, team-b:${long}` }).apiKeys, [
    { project: 'default', key: long },
    { project: 'team-b', key: long },
  ]);
  const [fault] = faultsOf({ ENGRAM_API_KEYS: `${long},swordfish` });
  assert.match(fault!, /entry 2: expected a key of at least 24 characters, got 9/);
  assert.doesNotMatch(fault!, /swordfish/);
});
