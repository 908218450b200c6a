import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type AuditRequestInput, audit, problem, type Report, type SampleRow } from '@engram/contract';
import { blobs, uploadOf } from './data/blobs.js';
import { recipe, trainedClassifier } from './data/classifier.js';
import { type Client, succeed } from './harness/client.js';
import { numbersOf } from './harness/numbers-of.js';
import { kill } from './harness/processes.js';
import { flushRedis } from './harness/redis.js';
import { type Service, startService } from './harness/service.js';
import { until } from './harness/until.js';

// Every disaster has a project of its own: nothing that was finished for one is there for another.
const projects = ['calm', 'child', 'worker', 'api', 'wiped', 'waiting', 'cancelled'];
// A plain graph is ready at once; compiling it anew in every process that takes over would take most of the time.
const environment = { ENGRAM_ENGINE: 'recorded' };

interface Outcome {
  readonly report: ReturnType<typeof numbersOf>;
  readonly samples: readonly SampleRow[];
}

const trainedOn = blobs(200, 1);
const never = blobs(200, 2);
let service: Service;
let undisturbed: Outcome;
before(async () => {
  service = await startService({ projects, environment });
  const client = service.client('calm');
  undisturbed = await outcomeOf(client, await submit(client));
});
after(() => service?.stop());

/** Trains in every way there is; the sixteen references in two tasks, each of some seconds. */
async function submit(client: Client, epochs = 350): Promise<string> {
  const model = await client.uploadModel(trainedClassifier(trainedOn));
  const members = await client.uploadDataset(uploadOf('members', trainedOn));
  const nonMembers = await client.uploadDataset(uploadOf('non-members', never));
  const request: AuditRequestInput = {
    model: model.id,
    data: { members: members.id, nonMembers: nonMembers.id },
    tests: {
      membership: {
        attacks: ['lira', 'loss'],
        referenceModels: { count: 16, recipe: { ...recipe, epochs, batchSize: 25 } },
      },
      unlearningDifficulty: { verify: { forgetSets: 2, size: 8, retrainSeeds: 1, epochs: 1 } },
    },
    seed: 11,
  };
  return (await client.submit(request)).id;
}

async function outcomeOf(client: Client, auditId: string): Promise<Outcome> {
  await succeed(client, auditId);
  const report: Report = await client.report(auditId);
  return { report: numbersOf(report), samples: await client.samples(auditId) };
}

/** Resolves in the midst of the first of an audit's three trainings. */
async function trainingOf(auditId: string): Promise<void> {
  const trainings = (event: string) =>
    service
      .logged(event)
      .filter((entry) => entry.auditId === auditId && /^train-(?:reference|recorded)$/.test(String(entry.kind)));
  await until('training to begin', () => (trainings('task started').length > 0 ? true : undefined));
  await pause(300);
  assert.ok(trainings('task finished').length < 3, 'all was trained before anything could happen to it');
}

describe('an audit ends as if nothing had happened', () => {
  it('when its compute process is killed', async () => {
    const client = service.client('child');
    const auditId = await submit(client);
    await trainingOf(auditId);
    const children = service.pids.compute;
    assert.notEqual(children.length, 0);
    await Promise.all(children.map(kill));
    assert.deepEqual(await outcomeOf(client, auditId), undisturbed);
    const causes = service.logged('task retried').map(({ error }) => (error as { readonly code: string }).code);
    assert.deepEqual(new Set(causes), new Set(['ENG_DEVICE_LOST']));
  });

  it('when its worker is killed', async () => {
    const client = service.client('worker');
    const auditId = await submit(client);
    await trainingOf(auditId);
    const { workers, compute } = service.pids;
    assert.equal(workers.length, 1);
    await kill(workers[0]!);
    await until('its compute processes to end', () =>
      service.pids.compute.some((pid) => compute.includes(pid)) ? undefined : true,
    );
    assert.deepEqual(await outcomeOf(client, auditId), undisturbed);
    assert.equal(service.pids.workers.length, 1);
  });

  it('when the API is killed and started again on the same data', async () => {
    const client = service.client('api');
    const auditId = await submit(client);
    await trainingOf(auditId);
    const { workers } = service.pids;
    await service.killApi();
    await service.startAgain();
    assert.deepEqual(await outcomeOf(client, auditId), undisturbed);
    await until('the workers of the killed process to end', () =>
      service.pids.workers.some((pid) => workers.includes(pid)) ? undefined : true,
    );
    assert.equal(service.pids.workers.length, 1);
  });

  it('when Redis loses everything while it runs, and so does one that waits for its turn', async () => {
    const running = service.client('wiped');
    const runningId = await submit(running);
    await trainingOf(runningId);
    const waiting = service.client('waiting');
    const waitingId = await submit(waiting);
    await flushRedis(service.redisUrl());
    assert.deepEqual(await outcomeOf(running, runningId), undisturbed);
    assert.deepEqual(await outcomeOf(waiting, waitingId), undisturbed);
  });
});

describe('cancelling', () => {
  it('reaches a running task within two seconds and frees its place', async () => {
    const client = service.client('cancelled');
    const auditId = await submit(client, 50_000);
    await trainingOf(auditId);
    const nextId = await submit(client);
    const askedAt = Date.now();
    const response = await client.cancel(auditId);
    assert.equal(response.status, 202);
    assert.equal(audit.parse(await response.json()).status, 'cancelled');
    const next = await until('the next audit to begin', () =>
      service.logged('task started').find((entry) => entry.auditId === nextId),
    );
    const took = Date.parse(String(next.time)) - askedAt;
    assert.ok(took < 2000, `the next task began ${took} ms after`);
    assert.equal((await client.audit(auditId)).status, 'cancelled');

    const again = await client.cancel(auditId);
    assert.equal(again.status, 409);
    assert.equal(problem.parse(await again.json()).code, 'ENG_AUDIT_ALREADY_FINISHED');
    assert.equal((await client.send(`/v1/audits/${auditId}/report`)).status, 404);
    assert.deepEqual(await outcomeOf(client, nextId), undisturbed);
    assert.equal((await client.cancel(nextId)).status, 409);
  });
});

describe('two workers on one Redis', () => {
  it('share the tasks of an audit, run each once, and give the same report', async () => {
    const pair = await startService({ workers: 2, environment });
    try {
      const client = pair.client();
      await until('both workers', async () => ((await client.capabilities()).workers.length === 2 ? true : undefined));
      const auditId = await submit(client);
      assert.deepEqual(await outcomeOf(client, auditId), undisturbed);
      const started = pair.logged('task started');
      assert.equal(new Set(started.map(({ task }) => task)).size, started.length);
      assert.equal(started.length, (await client.audit(auditId)).progress.total);
      assert.equal(new Set(started.map(({ pid }) => pid)).size, 2);
    } finally {
      await pair.stop();
    }
  });
});
