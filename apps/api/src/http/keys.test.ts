import assert from 'node:assert/strict';
import { test } from 'node:test';
import { givenOutputs, openApiUnderTest } from '../testing/api-under-test.js';

const alpha = { project: 'alpha', key: 'a'.repeat(32) };
const beta = { project: 'beta', key: 'b'.repeat(32) };
const as = ({ key }: { readonly key: string }) => ({ authorization: `Bearer ${key}` });

test('the service refuses to listen beyond this machine without keys', async () => {
  await assert.rejects(openApiUnderTest({ keysRequired: true }), { code: 'ENG_SETTINGS_INVALID' });
});

test('on loopback without keys no key is needed', async () => {
  const api = await openApiUnderTest();
  assert.equal((await api.server.app.inject('/v1/models')).statusCode, 200);
  await api.close();
});

test('without keys a page of another site is kept out', async () => {
  const api = await openApiUnderTest();
  const ask = async (headers: Record<string, string>) =>
    (await api.server.app.inject({ url: '/v1/models', headers })).statusCode;
  assert.equal(await ask({ host: '127.0.0.1:7373', origin: 'https://evil.example' }), 401);
  assert.equal(await ask({ host: 'rebound.example:7373' }), 401);
  assert.equal(await ask({ host: '127.0.0.1:7373', origin: 'null' }), 401);
  assert.equal(await ask({ host: 'localhost:7373', origin: 'http://localhost:7373' }), 200);
  assert.equal(await ask({ host: '[::1]:7373' }), 200);
  await api.close();
});

test('once keys are set a request needs one that is known', async () => {
  const api = await openApiUnderTest({ apiKeys: [alpha] });
  const ask = async (headers: Record<string, string>) => api.server.app.inject({ url: '/v1/models', headers });
  const none = await ask({});
  assert.equal(none.statusCode, 401);
  assert.equal(none.json().code, 'ENG_UNAUTHENTICATED');
  assert.match(String(none.headers['www-authenticate']), /^Bearer/);
  assert.equal((await ask({ authorization: 'Bearer wrong' })).statusCode, 401);
  assert.equal((await ask({ authorization: `Basic ${alpha.key}` })).statusCode, 401);
  assert.equal((await ask(as(alpha))).statusCode, 200);
  await api.close();
});

test('a key kept in the records opens its project', async () => {
  const api = await openApiUnderTest({ apiKeys: [alpha] });
  api.records.knownKeys.set(beta.key, beta.project);
  assert.equal((await api.server.app.inject({ url: '/v1/models', headers: as(beta) })).statusCode, 200);
  await api.close();
});

test('probes and metrics are open, everything else is not', async () => {
  const api = await openApiUnderTest({ apiKeys: [alpha] });
  for (const path of ['/healthz', '/metrics', '/openapi.json'])
    assert.equal((await api.server.app.inject(path)).statusCode, 200, path);
  for (const path of ['/v1/models', '/v1/datasets', '/v1/audits', '/v1/capabilities'])
    assert.equal((await api.server.app.inject(path)).statusCode, 401, path);
  await api.close();
});

test('one tenant sees nothing of another: neither in lists, nor by id, nor in an audit', async () => {
  const api = await openApiUnderTest({ apiKeys: [alpha, beta] });
  const { app } = api.server;
  const id = await givenOutputs(app, 400, as(alpha));
  const audit = { data: { auditSet: id }, tests: { membership: { attacks: ['loss'] } } };
  const accepted = await app.inject({ method: 'POST', url: '/v1/audits', payload: audit, headers: as(alpha) });
  assert.equal(accepted.statusCode, 202, accepted.body);
  const { links } = accepted.json();

  for (const list of ['/v1/datasets', '/v1/audits'])
    assert.deepEqual((await app.inject({ url: list, headers: as(beta) })).json().items, []);
  for (const url of [`/v1/datasets/${id}`, links.self, links.events, links.report, links.samples])
    assert.equal((await app.inject({ url, headers: as(beta) })).statusCode, 404, url);
  assert.equal((await app.inject({ method: 'POST', url: links.cancel, headers: as(beta) })).statusCode, 404);
  assert.equal((await app.inject({ method: 'DELETE', url: `/v1/datasets/${id}`, headers: as(beta) })).statusCode, 404);
  const stolen = await app.inject({ method: 'POST', url: '/v1/audits', payload: audit, headers: as(beta) });
  assert.equal(stolen.statusCode, 404);
  assert.deepEqual(
    stolen.json().errors.map((fault: { pointer: string }) => fault.pointer),
    ['/data/auditSet'],
  );
  await api.close();
});
