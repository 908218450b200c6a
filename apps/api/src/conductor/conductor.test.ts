import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { audit as auditSchema } from '@engram/contract';
import { type ApiUnderTest, givenOutputs, openApiUnderTest, post } from '../testing/api-under-test.js';
import { giveReport, reportOf, taskOf } from '../testing/workers.js';

let api: ApiUnderTest;
let id: string;
beforeEach(async () => {
  api = await openApiUnderTest();
  const dataset = await givenOutputs(api.server.app);
  const body = { data: { auditSet: dataset }, tests: { membership: { attacks: ['loss'] } } };
  id = (await post(api.server.app, '/v1/audits', body)).json().id;
  await api.server.conductor.settled();
});
afterEach(() => api.close());

async function read() {
  await api.server.conductor.settled();
  return auditSchema.parse((await api.server.app.inject(`/v1/audits/${id}`)).json());
}

const output = (facts: object = {}) => ({
  digest: 'a'.repeat(64),
  sizeBytes: 1,
  durationMs: 4000,
  facts: facts as never,
});

test('an audit is running once its first task is', async () => {
  api.queue.started(id, taskOf(api, 0));
  const audit = await read();
  assert.equal(audit.status, 'running');
  assert.ok(audit.startedAt !== null);
  assert.equal(audit.progress.phase, api.queue.enqueued[0]?.plan.tasks[0]?.kind);
});

test('progress counts finished tasks, and what they took is kept for estimates', async () => {
  const { plan } = api.queue.enqueued[0]!;
  const [first] = plan.tasks;
  api.queue.started(id, first!.key);
  api.queue.completed(id, first!.key, output({ device: 'cpu' }));
  const { progress } = await read();
  assert.equal(progress.done, 1);
  assert.equal(progress.total, plan.tasks.length);
  assert.ok(progress.etaSeconds !== null && progress.etaSeconds >= 0);
  const { key: task, kind, units } = first!;
  assert.deepEqual(api.records.recordedDurations, [
    { project: 'default', task, kind, device: 'cpu', units, durationMs: 4000 },
  ]);
});

test('a reused task counts as done but is not timed', async () => {
  api.queue.completed(id, taskOf(api, 0), output(), true);
  assert.equal((await read()).progress.done, 1);
  assert.deepEqual(api.records.recordedDurations, []);
});

test('an event heard twice is recorded once', async () => {
  const task = taskOf(api, 0);
  api.queue.started(id, task);
  api.queue.completed(id, task, output());
  await api.server.conductor.settled();
  const before = await api.records.audits.events('default', id, 0);
  api.queue.completed(id, task, output());
  await read();
  assert.deepEqual(await api.records.audits.events('default', id, 0), before);
  assert.equal(api.records.recordedDurations.length, 1);
});

test('findings a task tells of are shown before the report is there', async () => {
  const { report } = reportOf(id);
  api.queue.completed(id, taskOf(api, 0), output({ findings: report.findings }));
  assert.deepEqual((await read()).findings, report.findings);
});

test('a finished audit has the report, its verdict and findings, and Redis is cleared of it', async () => {
  await giveReport(api, id);
  const audit = await read();
  assert.equal(audit.status, 'succeeded');
  assert.equal(audit.verdict, 'leak');
  assert.equal(audit.findings.length, 1);
  assert.deepEqual(api.queue.forgotten, [id]);
});

test('a task that fails for good fails the audit, with the problem', async () => {
  const error = {
    code: 'ENG_DEVICE_OUT_OF_MEMORY' as const,
    message: 'expected 8 GiB, got 4 GiB',
    remedy: 'Use a bigger device.',
    stack: 'secret',
  };
  api.queue.failed(id, taskOf(api, 0), error);
  const audit = await read();
  assert.equal(audit.status, 'failed');
  assert.equal(audit.error?.code, 'ENG_DEVICE_OUT_OF_MEMORY');
  assert.equal(audit.error?.detail, 'expected 8 GiB, got 4 GiB');
  assert.doesNotMatch(JSON.stringify(audit), /secret/);
});

test('the first ending stands: what is heard afterwards changes nothing', async () => {
  await post(api.server.app, `/v1/audits/${id}/cancel`, undefined);
  const events = await api.records.audits.events('default', id, 0);
  api.queue.started(id, taskOf(api, 0));
  api.queue.completed(id, taskOf(api, 0), output());
  await giveReport(api, id);
  assert.equal((await read()).status, 'cancelled');
  assert.deepEqual(await api.records.audits.events('default', id, 0), events);
});

test('a cancel that comes after a failure finds the audit failed', async () => {
  const error = { code: 'ENG_DEVICE_LOST' as const, message: 'gone' };
  api.queue.stops.set(id, { kind: 'failed', task: taskOf(api, 0), error });
  const response = await post(api.server.app, `/v1/audits/${id}/cancel`, undefined);
  assert.equal(response.statusCode, 409);
  assert.equal((await read()).status, 'failed');
});

test('a report whose bytes are gone fails the audit instead of leaving it for ever', async () => {
  api.queue.say('auditCompleted', { auditId: id, output: output() });
  const audit = await read();
  assert.equal(audit.status, 'failed');
  assert.equal(audit.error?.code, 'ENG_ARTIFACT_NOT_FOUND');
});

test('an audit whose end nobody heard is finished by looking after it', async () => {
  const say = api.queue.say;
  api.queue.say = () => {};
  await giveReport(api, id);
  api.queue.say = say;
  assert.equal((await read()).status, 'queued');
  await api.server.conductor.reconcile();
  assert.equal((await read()).status, 'succeeded');
});

test('an audit that failed unheard is found failed', async () => {
  const error = { code: 'ENG_DEVICE_LOST' as const, message: 'gone' };
  api.queue.stops.set(id, { kind: 'failed', task: taskOf(api, 0), error });
  await api.server.conductor.reconcile();
  const audit = await read();
  assert.equal(audit.status, 'failed');
  assert.equal(audit.error?.code, 'ENG_DEVICE_LOST');
});

test('audits whose jobs are gone are enqueued again', async () => {
  api.queue.enqueued.length = 0;
  await api.server.conductor.reconcile();
  assert.deepEqual(
    api.queue.enqueued.map(({ auditId }) => auditId),
    [id],
  );
});

test('finished audits are left alone', async () => {
  await giveReport(api, id);
  api.queue.enqueued.length = 0;
  await api.server.conductor.reconcile();
  assert.deepEqual(api.queue.enqueued, []);
});

test('estimates come from what tasks of the same kind took', async () => {
  const { plan } = api.queue.enqueued[0]!;
  const fresh = await openApiUnderTest();
  for (const { key: task, kind, units } of plan.tasks)
    await fresh.records.durations.add('default', { task, kind, units, device: 'cpu', durationMs: 2000 });
  const dataset = await givenOutputs(fresh.server.app);
  const body = { data: { auditSet: dataset }, tests: { membership: { attacks: ['loss'] } } };
  const { estimate } = (await post(fresh.server.app, '/v1/audits?dryRun=true', body)).json();
  assert.equal(estimate.tasks, plan.tasks.length);
  assert.equal(estimate.seconds, 2 * plan.tasks.length);
  await fresh.close();
});
