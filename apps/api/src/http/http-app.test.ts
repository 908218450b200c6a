import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { problem, routes } from '@engram/contract';
import type { LightMyRequestResponse } from 'fastify';
import { type ApiUnderTest, openApiUnderTest, post } from '../testing/api-under-test.js';

let api: ApiUnderTest;
before(async () => {
  api = await openApiUnderTest();
});
after(() => api.close());

function problemIn(response: LightMyRequestResponse) {
  assert.match(String(response.headers['content-type']), /^application\/problem\+json/);
  const body = problem.parse(response.json());
  assert.equal(body.status, response.statusCode);
  assert.ok(body.remedy.length > 0);
  return body;
}

test('a path nothing is served at is a 404 problem', async () => {
  const response = await api.server.app.inject('/v1/nothing');
  assert.equal(problemIn(response).code, 'ENG_ROUTE_NOT_FOUND');
  assert.equal(response.statusCode, 404);
});

test('a method a path does not have is a 405 problem that names those it has', async () => {
  const response = await api.server.app.inject({ method: 'PUT', url: '/v1/audits' });
  assert.equal(response.statusCode, 405);
  assert.equal(problemIn(response).code, 'ENG_METHOD_NOT_ALLOWED');
  assert.deepEqual(String(response.headers.allow).split(', ').sort(), ['GET', 'POST']);
});

test('a body that is not JSON is told where, without being quoted', async () => {
  const payload = '{"name": "secret sample text", }';
  const headers = { 'content-type': 'application/json' };
  const response = await api.server.app.inject({ method: 'POST', url: '/v1/audits', payload, headers });
  assert.equal(response.statusCode, 400);
  const body = problemIn(response);
  assert.equal(body.code, 'ENG_REQUEST_INVALID');
  assert.equal(body.errors[0]?.pointer, '');
  assert.doesNotMatch(response.body, /secret/);
});

test('a media type no route reads is a 415 problem', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']) {
    const headers = { 'content-type': type };
    const response = await api.server.app.inject({ method: 'POST', url: '/v1/audits', payload: 'x=1', headers });
    assert.equal(response.statusCode, 415, type);
    assert.equal(problemIn(response).code, 'ENG_MEDIA_TYPE_UNSUPPORTED');
  }
});

test('a form where JSON is asked for is a 415 problem', async () => {
  const headers = { 'content-type': 'multipart/form-data; boundary=x' };
  const response = await api.server.app.inject({ method: 'POST', url: '/v1/audits', payload: '--x--\r\n', headers });
  assert.equal(response.statusCode, 415);
});

test('a JSON body larger than a mebibyte is a 413 problem', async () => {
  const response = await post(api.server.app, '/v1/audits', { name: 'x'.repeat(2 ** 20) });
  assert.equal(response.statusCode, 413);
  assert.equal(problemIn(response).code, 'ENG_UPLOAD_TOO_LARGE');
});

test('every fault of a body is told with its pointer', async () => {
  const response = await post(api.server.app, '/v1/audits', {
    data: { members: 'dst_0123456789', nonMembers: 'not an id' },
    tests: { membership: { fpr: [0.01, 7] } },
    seed: -1,
    'un/known': 1,
  });
  assert.equal(response.statusCode, 400);
  assert.deepEqual(
    problemIn(response)
      .errors.map(({ pointer }) => pointer)
      .sort(),
    ['/data/nonMembers', '/seed', '/tests/membership/fpr/1', '/un~1known'],
  );
});

test('a wrong query parameter is named', async () => {
  const response = await api.server.app.inject('/v1/audits?limit=0');
  assert.deepEqual(
    problemIn(response).errors.map(({ pointer }) => pointer),
    ['?limit'],
  );
});

test('an id no resource can have is not found, as is one that no resource has', async () => {
  for (const id of ['nonsense', 'aud_0123456789', 'mdl_0123456789']) {
    const response = await api.server.app.inject(`/v1/audits/${id}`);
    assert.equal(response.statusCode, 404, id);
    assert.equal(problemIn(response).code, 'ENG_AUDIT_NOT_FOUND', id);
  }
});

test('a URL that cannot be decoded is a 400 problem', async () => {
  const response = await api.server.app.inject('/v1/audits/%zz');
  assert.equal(response.statusCode, 400);
  assert.equal(problemIn(response).code, 'ENG_REQUEST_INVALID');
});

test('a field called __proto__ is refused', async () => {
  const headers = { 'content-type': 'application/json' };
  const payload = '{"__proto__": {"name": "x"}}';
  const response = await api.server.app.inject({ method: 'POST', url: '/v1/audits', payload, headers });
  assert.equal(response.statusCode, 400);
  assert.equal(problemIn(response).code, 'ENG_REQUEST_INVALID');
});

test('an unexpected failure is a 500 problem that keeps its cause to itself', async () => {
  const { records } = api;
  const original = records.models.list;
  records.models.list = async () => {
    throw new Error('cannot open /var/lib/engram/secret');
  };
  const response = await api.server.app.inject('/v1/models');
  records.models.list = original;
  assert.equal(response.statusCode, 500);
  assert.equal(problemIn(response).code, 'ENG_INTERNAL');
  assert.doesNotMatch(response.body, /secret/);
  assert.equal(problemIn(response).requestId, response.headers['x-request-id']);
});

test('what is not HTTP gets a problem too', async () => {
  const { port } = await api.server.listen();
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /ENG_REQUEST_INVALID/);
});

test('the contract served lists every route', async () => {
  const document = (await api.server.app.inject('/openapi.json')).json();
  assert.match(document.openapi, /^3\.1/);
  assert.deepEqual(
    Object.keys(document.paths).sort(),
    [...new Set(Object.values(routes).map(({ path }) => path))].sort(),
  );
});

test('the page to try it loads nothing from elsewhere', async () => {
  const page = await api.server.app.inject('/docs/');
  assert.equal(page.statusCode, 200);
  const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source as string);
  assert.ok(sources.length > 0);
  for (const source of sources) {
    assert.doesNotMatch(source, /^(https?:)?\/\//);
    const url = new URL(source, 'http://localhost/docs/').pathname;
    assert.equal((await api.server.app.inject(url)).statusCode, 200, url);
  }
});

test('the type of a problem leads to its explanation', async () => {
  const { type } = problemIn(await api.server.app.inject('/v1/nothing'));
  const [path = '', anchor] = type.split('#');
  const page = await api.server.app.inject(path);
  assert.equal(page.statusCode, 200);
  assert.ok(page.body.includes(`id="${anchor}"`));
});
