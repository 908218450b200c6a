import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import request from 'supertest';
import { type ApiUnderTest, openApiUnderTest } from '../testing/api-under-test.js';

// The other suites inject requests; these go over a socket, as a client's do: what only the wire shows is here.
let api: ApiUnderTest;

before(async () => {
  api = await openApiUnderTest();
});

after(() => api.close());

const client = () => request(api.server.app.server);

test('says it is alive', async () => {
  await client().get('/healthz').expect(200, { status: 'ok' });
});

test('serves the OpenAPI document and a page to try it', async () => {
  const { body } = await client().get('/openapi.json').expect(200).expect('content-type', /json/);
  assert.match(body.openapi, /^3\.1/);
  assert.ok(body.paths['/v1/audits']);
  await client().get('/docs').redirects(2).expect(200).expect('content-type', /html/);
});

test('takes a multipart upload and hands the dataset out again', async () => {
  const uploaded = await client()
    .post('/v1/datasets')
    .field(
      'manifest',
      JSON.stringify({ name: 'losses', format: 'csv', fields: { loss: { column: 'loss' }, member: { column: 'm' } } }),
    )
    .attach('file', Buffer.from('loss,m\n0.1,1\n0.4,1\n0.9,0\n1.3,0\n'), 'losses.csv')
    .expect(201);
  assert.equal(uploaded.body.count, 4);
  const { body } = await client().get(`/v1/datasets/${uploaded.body.id}`).expect(200);
  assert.deepEqual(body, uploaded.body);
});

test('answers a body that is not JSON with a problem document', async () => {
  const { body } = await client()
    .post('/v1/audits')
    .set('content-type', 'application/json')
    .send('{"data":')
    .expect(400)
    .expect('content-type', /application\/problem\+json/);
  assert.equal(body.code, 'ENG_REQUEST_INVALID');
  assert.ok(body.remedy);
});

test('answers an unknown path with a problem document', async () => {
  const { body } = await client()
    .get('/v2/audits')
    .expect(404)
    .expect('content-type', /application\/problem\+json/);
  assert.equal(body.code, 'ENG_ROUTE_NOT_FOUND');
});
