import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { audit, dataset } from '@engram/contract';
import { npy } from '@engram/datasets/testing';
import { createLogger } from '@engram/service';
import { openFolderStore, openRecords, type RecordStore } from '@engram/storage';
import { type ApiServer, openApiServer } from './open-api-server.js';
import { givenOutputs, post, postUpload } from './testing/api-under-test.js';
import { outputsDataset } from './testing/files.js';
import { ScriptedQueue } from './testing/scripted-queue.js';
import { giveReport } from './testing/workers.js';

let folder: string;
let records: RecordStore;
let store: Awaited<ReturnType<typeof openFolderStore>>;
let queue: ScriptedQueue;
let server: ApiServer;

const parts = () => ({
  settings: {
    host: '127.0.0.1',
    port: 0,
    limits: { uploadBytes: 2 ** 30 },
    apiKeys: [],
    keysRequired: false,
  },
  logger: createLogger({ name: 'api', level: 'silent' }),
  store,
  records,
  queue,
  reconcileEveryMs: 3_600_000,
  quietMs: 0,
});

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engram-api-records-'));
  store = await openFolderStore({ root: join(folder, 'artifacts'), limits: { artifactBytes: 2 ** 30 } });
  records = await openRecords({ folder: join(folder, 'database') });
  queue = new ScriptedQueue();
  server = await openApiServer(parts());
});
after(async () => {
  await server.close();
  await records.close();
  await rm(folder, { recursive: true, force: true });
});

const request = (auditSet: string) => ({ data: { auditSet }, tests: { membership: { attacks: ['loss'] } } });

test('on a real database an audit goes from upload to report, and a poll that waits hears of it', async () => {
  const id = await givenOutputs(server.app);
  assert.equal(dataset.parse((await server.app.inject(`/v1/datasets/${id}`)).json()).count, 400);
  const accepted = audit.parse((await post(server.app, '/v1/audits', request(id))).json());
  await server.conductor.settled();
  const waiting = server.app.inject(`/v1/audits/${accepted.id}?wait=30`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const [first] = queue.enqueued.at(-1)?.plan.tasks ?? [];
  queue.started(accepted.id, first?.key ?? '');
  assert.equal((await waiting).json().status, 'running');
  await giveReport({ server, records, queue, store }, accepted.id);
  const finished = audit.parse((await server.app.inject(`/v1/audits/${accepted.id}`)).json());
  assert.equal(finished.status, 'succeeded');
  assert.equal(finished.verdict, 'leak');
  assert.equal((await server.app.inject(finished.links.report)).statusCode, 200);
  const events = (await server.app.inject(finished.links.events)).body;
  assert.deepEqual(
    [...events.matchAll(/event: status\ndata: \{"status":"(\w+)"/g)].map(([, status]) => status),
    ['queued', 'running', 'succeeded'],
  );
});

test('on a real database many requests with one idempotency key make one audit', async () => {
  const id = await givenOutputs(server.app);
  const headers = { 'idempotency-key': 'k1' };
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => post(server.app, '/v1/audits', request(id), headers)),
  );
  assert.deepEqual([...new Set(answers.map(({ statusCode }) => statusCode))], [202]);
  assert.equal(new Set(answers.map((answer) => answer.json().id)).size, 1);
  const other = await post(server.app, '/v1/audits', { ...request(id), seed: 2 }, headers);
  assert.equal(other.statusCode, 409);
});

test('on a real database a refused upload leaves the shared columns of an earlier one', async () => {
  const id = await givenOutputs(server.app, 200);
  const { manifest, files } = outputsDataset(200);
  const refused = await postUpload(server.app, '/v1/datasets', manifest, {
    ...files,
    'member.npy': npy(new Uint8Array(200)),
  });
  assert.equal(refused.statusCode, 422);
  const { stored } = await records.datasets.get('default', id);
  for (const field of Object.values(stored.inspected.fields)) assert.ok(await store.has('default', field.digest));
});

test('an audit accepted before the service stopped is taken up by the next one', async () => {
  const id = await givenOutputs(server.app, 300);
  const accepted = (await post(server.app, '/v1/audits', request(id))).json();
  await server.close();
  queue = new ScriptedQueue();
  server = await openApiServer(parts());
  await server.conductor.reconcile();
  assert.ok(queue.enqueued.some(({ auditId }) => auditId === accepted.id));
  await giveReport({ server, records, queue, store }, accepted.id);
  assert.equal((await server.app.inject(`/v1/audits/${accepted.id}`)).json().status, 'succeeded');
});
