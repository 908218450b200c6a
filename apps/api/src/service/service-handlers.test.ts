import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { capabilities, readiness } from '@engram/contract';
import { EngramError } from '@engram/domain';
import { type ApiUnderTest, openApiUnderTest } from '../testing/api-under-test.js';

let api: ApiUnderTest;
beforeEach(async () => {
  api = await openApiUnderTest();
});
afterEach(() => api.close());

const worker = {
  id: 'w1',
  host: 'h',
  pid: 1,
  device: 'cpu',
  versions: { engram: '0.1.0' },
  slots: { compute: 1, light: 2 },
  startedAt: '2026-01-01T00:00:00.000Z',
  current: [],
};

test('the process is alive', async () => {
  const response = await api.server.app.inject('/healthz');
  assert.equal(response.statusCode, 200);
  assert.deepEqual(response.json(), { status: 'ok' });
});

test('the service is ready with database, Redis, artifacts and a worker', async () => {
  api.queue.workers = [worker];
  const response = await api.server.app.inject('/readyz');
  assert.equal(response.statusCode, 200, response.body);
  assert.equal(readiness.parse(response.json()).status, 'ready');
  assert.deepEqual(await api.stored('readiness'), []);
});

test('the service is not ready without a worker, and says so', async () => {
  const response = await api.server.app.inject('/readyz');
  assert.equal(response.statusCode, 503);
  const { checks } = readiness.parse(response.json());
  assert.deepEqual(
    [checks.database.ok, checks.redis.ok, checks.artifacts.ok, checks.workers.ok],
    [true, true, true, false],
  );
});

test('the service is not ready while Redis is away', async () => {
  api.queue.trouble = new EngramError('ENG_QUEUE_UNAVAILABLE', 'Redis does not answer');
  const { checks } = readiness.parse((await api.server.app.inject('/readyz')).json());
  assert.deepEqual(checks.redis, { ok: false, message: 'Redis does not answer' });
});

test('capabilities name formats, methods with the schemas of their parameters, limits and workers', async () => {
  api.queue.workers = [worker];
  const found = capabilities.parse((await api.server.app.inject('/v1/capabilities')).json());
  const ids = (methods: readonly { id: string }[]) => methods.map(({ id }) => id);
  for (const id of ['loss', 'entropy', 'lira', 'rmia']) assert.ok(ids(found.membership).includes(id), id);
  for (const id of ['prefixSuffix', 'exposure']) assert.ok(ids(found.extraction).includes(id), id);
  assert.ok(ids(found.estimators).includes('privacyLoss'));
  for (const format of ['npy', 'npz', 'idx', 'csv', 'jsonl'])
    assert.ok(
      found.datasets.some((each) => each.format === format),
      format,
    );
  const lira = found.membership.find(({ id }) => id === 'lira');
  for (const name of ['mode', 'variance']) assert.ok(Object.hasOwn(lira?.params.properties as object, name), name);
  assert.ok(lira?.requires.includes('referenceOut'));
  assert.equal(found.workers[0]?.device, 'cpu');
  assert.ok(found.versions.engram);
  assert.equal(found.limits.fileBytes, 2 ** 30);
});

test('capabilities are told while Redis is away', async () => {
  api.queue.trouble = new EngramError('ENG_QUEUE_UNAVAILABLE', 'Redis does not answer');
  const response = await api.server.app.inject('/v1/capabilities');
  assert.equal(response.statusCode, 200);
  assert.deepEqual(response.json().workers, []);
});

test('metrics count requests by route, never by id', async () => {
  await api.server.app.inject('/v1/audits/aud_0123456789');
  const { body } = await api.server.app.inject('/metrics');
  assert.match(body, /engram_http_request_duration_seconds_count\{[^}]*route="\/v1\/audits\/:id"/);
  assert.doesNotMatch(body, /aud_0123456789/);
});
