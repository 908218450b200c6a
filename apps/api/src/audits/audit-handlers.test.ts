import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { audit, preflight, problem } from '@engram/contract';
import { type ApiUnderTest, givenOutputs, openApiUnderTest, post } from '../testing/api-under-test.js';
import { giveReport, taskOf } from '../testing/workers.js';

let api: ApiUnderTest;
let dataset: string;
let request: object;
beforeEach(async () => {
  api = await openApiUnderTest();
  dataset = await givenOutputs(api.server.app);
  request = { name: 'release 7', data: { auditSet: dataset }, tests: { membership: { attacks: ['loss'] } }, seed: 7 };
});
afterEach(() => api.close());

async function givenAudit(): Promise<string> {
  const response = await post(api.server.app, '/v1/audits', request);
  assert.equal(response.statusCode, 202, response.body);
  await api.server.conductor.settled();
  return response.json().id;
}

test('an audit is accepted, recorded and enqueued', async () => {
  const response = await post(api.server.app, '/v1/audits', request);
  assert.equal(response.statusCode, 202, response.body);
  const accepted = audit.parse(response.json());
  assert.equal(response.headers.location, `/v1/audits/${accepted.id}`);
  assert.equal(accepted.status, 'queued');
  assert.equal(accepted.request.seed, 7);
  assert.equal(accepted.request.confidence, 0.95);
  await api.server.conductor.settled();
  assert.deepEqual(
    api.queue.enqueued.map(({ auditId }) => auditId),
    [accepted.id],
  );
  const listed = (await api.server.app.inject('/v1/audits')).json();
  assert.deepEqual(
    listed.items.map((each: { id: string }) => each.id),
    [accepted.id],
  );
});

test('a dry run tells the cost, and records and stores nothing', async () => {
  const before = await api.stored();
  const response = await post(api.server.app, '/v1/audits?dryRun=true', request);
  assert.equal(response.statusCode, 200, response.body);
  const told = preflight.parse(response.json());
  assert.ok(told.estimate.tasks > 0);
  assert.equal(told.estimate.seconds, null);
  assert.equal(api.records.recordedAudits.length, 0);
  assert.deepEqual(await api.stored(), before);
});

test('an audit is accepted while Redis is away, and enqueued when it is back', async () => {
  api.queue.trouble = new Error('Redis is away');
  const id = await givenAudit();
  assert.equal(api.queue.enqueued.length, 0);
  api.queue.trouble = undefined;
  await api.server.conductor.reconcile();
  assert.deepEqual(
    api.queue.enqueued.map(({ auditId }) => auditId),
    [id],
  );
});

test('an id that names nothing is told with its pointer', async () => {
  const body = { ...request, model: 'mdl_doesnotexist', data: { members: dataset, nonMembers: 'dst_doesnotexist' } };
  const response = await post(api.server.app, '/v1/audits', body);
  assert.equal(response.statusCode, 404);
  const pointers = problem.parse(response.json()).errors.map(({ pointer }) => pointer);
  assert.deepEqual(pointers, ['/model', '/data/nonMembers']);
});

test('a reference model that does not exist is told with its place in the list', async () => {
  const membership = { attacks: ['loss'], referenceModels: { models: ['mdl_doesnotexist'] } };
  const response = await post(api.server.app, '/v1/audits', { ...request, tests: { membership } });
  assert.equal(response.statusCode, 404);
  const { code, errors } = problem.parse(response.json());
  assert.equal(code, 'ENG_MODEL_NOT_FOUND');
  assert.deepEqual(
    errors.map(({ pointer }) => pointer),
    ['/tests/membership/referenceModels/models/0'],
  );
});

test('the same idempotency key and body give the same audit, however often and at once', async () => {
  const headers = { 'idempotency-key': 'release-7' };
  const responses = await Promise.all(
    Array.from({ length: 8 }, () => post(api.server.app, '/v1/audits', request, headers)),
  );
  assert.deepEqual(
    responses.map(({ statusCode }) => statusCode),
    Array(8).fill(202),
  );
  assert.equal(new Set(responses.map((response) => response.json().id)).size, 1);
  assert.equal(api.records.recordedAudits.length, 1);
  await api.server.conductor.settled();
  assert.equal(api.queue.enqueued.length, 1);
});

test('the same idempotency key with another body is a conflict', async () => {
  const headers = { 'idempotency-key': 'release-7' };
  await post(api.server.app, '/v1/audits', request, headers);
  const response = await post(api.server.app, '/v1/audits', { ...request, seed: 8 }, headers);
  assert.equal(response.statusCode, 409);
  assert.equal(problem.parse(response.json()).code, 'ENG_IDEMPOTENCY_CONFLICT');
  assert.equal(api.records.recordedAudits.length, 1);
});

test('a body that only spells the defaults out is the same body', async () => {
  const headers = { 'idempotency-key': 'release-7' };
  const first = await post(api.server.app, '/v1/audits', request, headers);
  const second = await post(api.server.app, '/v1/audits', { confidence: 0.95, ...request }, headers);
  assert.equal(second.json().id, first.json().id);
});

test('a poll with the tag seen last is answered 304 until something changes', async () => {
  const id = await givenAudit();
  const url = `/v1/audits/${id}`;
  const first = await api.server.app.inject(url);
  assert.equal(first.headers['retry-after'], '1');
  const headers = { 'if-none-match': String(first.headers.etag) };
  const second = await api.server.app.inject({ url, headers });
  assert.equal(second.statusCode, 304);
  assert.equal(second.body, '');
  api.queue.started(id, taskOf(api, 0));
  await api.server.conductor.settled();
  const third = await api.server.app.inject({ url, headers });
  assert.equal(third.statusCode, 200);
  assert.equal(third.json().status, 'running');
});

test('a long poll is answered as soon as the audit changes', async () => {
  const id = await givenAudit();
  const waiting = api.server.app.inject(`/v1/audits/${id}?wait=30`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  api.queue.started(id, taskOf(api, 0));
  assert.equal((await waiting).json().status, 'running');
});

test('a long poll that has not seen the present version is answered at once', async () => {
  const id = await givenAudit();
  const headers = { 'if-none-match': '"of-long-ago"' };
  const response = await api.server.app.inject({ url: `/v1/audits/${id}?wait=30`, headers });
  assert.equal(response.json().status, 'queued');
});

test('a long poll ends without a change when its time is over', async () => {
  const id = await givenAudit();
  const response = await api.server.app.inject(`/v1/audits/${id}?wait=0.2`);
  assert.equal(response.json().status, 'queued');
});

test('a cancelled audit is cancelled once: a finished one gives 409', async () => {
  const id = await givenAudit();
  const url = `/v1/audits/${id}/cancel`;
  const response = await post(api.server.app, url, undefined);
  assert.equal(response.statusCode, 202, response.body);
  assert.equal(audit.parse(response.json()).status, 'cancelled');
  assert.equal(api.queue.stops.get(id)?.kind, 'cancelled');
  const again = await post(api.server.app, url, undefined);
  assert.equal(again.statusCode, 409);
  assert.equal(problem.parse(again.json()).code, 'ENG_AUDIT_ALREADY_FINISHED');
});

test('a model or dataset that an unfinished audit uses cannot be deleted', async () => {
  const id = await givenAudit();
  const url = `/v1/datasets/${dataset}`;
  const response = await api.server.app.inject({ method: 'DELETE', url });
  assert.equal(response.statusCode, 409);
  assert.equal(problem.parse(response.json()).code, 'ENG_IN_USE');
  await post(api.server.app, `/v1/audits/${id}/cancel`, undefined);
  assert.equal((await api.server.app.inject({ method: 'DELETE', url })).statusCode, 204);
});

test('events are told from the first on, resume after the last seen, and end with the audit', async () => {
  const id = await givenAudit();
  const url = `/v1/audits/${id}/events`;
  const streaming = api.server.app.inject(url);
  api.queue.started(id, taskOf(api, 0));
  await giveReport(api, id);
  const response = await streaming;
  assert.equal(response.statusCode, 200);
  assert.match(String(response.headers['content-type']), /^text\/event-stream/);
  const events = eventsIn(response.body);
  assert.deepEqual(
    events.filter(({ event }) => event === 'status').map(({ data }) => data.status),
    ['queued', 'running', 'succeeded'],
  );
  assert.ok(events.some(({ event }) => event === 'progress'));
  assert.ok(events.some(({ event }) => event === 'finding'));
  const ids = events.map((each) => each.id);
  assert.deepEqual(
    ids,
    [...ids].sort((a, b) => a - b),
  );

  const middle = ids[1] as number;
  const resumed = await api.server.app.inject({ url, headers: { 'last-event-id': String(middle) } });
  assert.deepEqual(
    eventsIn(resumed.body).map((each) => each.id),
    ids.filter((each) => each > middle),
  );
  const last = ids.at(-1) as number;
  const ended = await api.server.app.inject({ url, headers: { 'last-event-id': String(last) } });
  assert.equal(ended.statusCode, 204);
});

test('waiting answers end when the service stops', async () => {
  const id = await givenAudit();
  const { url } = await api.server.listen();
  const events = await fetch(`${url}/v1/audits/${id}/events`);
  const poll = fetch(`${url}/v1/audits/${id}?wait=60`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await api.server.close();
  assert.match(await events.text(), /event: status/);
  assert.equal((await poll).status, 200);
});

function eventsIn(text: string) {
  return text
    .split('\n\n')
    .filter((block) => block.includes('data: '))
    .map((block) => ({
      id: Number(/^id: (\d+)$/m.exec(block)?.[1]),
      event: /^event: (\w+)$/m.exec(block)?.[1],
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null'),
    }));
}
