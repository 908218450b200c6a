import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect, disconnect } from './connection.js';
import { endOf, eventually, hear } from './fixtures/outcomes.js';
import { auditOf, handlersOf, outputOf, planOf } from './fixtures/plans.js';
import { openWorkplace, type Workplace } from './fixtures/workplace.js';

let place: Workplace;
let reason = '';
const processes: ChildProcess[] = [];

before(async () => {
  const opened = await openWorkplace();
  if (typeof opened === 'string') reason = opened;
  else place = opened;
});
afterEach(async () => {
  for (const child of processes.splice(0)) await kill(child);
  await place?.tidy();
});
after(() => place?.close());

/** Short, so that a death is noticed within seconds. */
const lockMs = 2000;

interface Killable {
  readonly child: ChildProcess;
  readonly log: string;
}

async function workerProcess(prefix: string, log: string, takesMs: number): Promise<Killable> {
  const script = fileURLToPath(new URL('./fixtures/killable-worker.js', import.meta.url));
  const child = fork(
    script,
    [place.redis.url, prefix, join(place.root, 'artifacts'), log, String(takesMs), String(lockMs)],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  processes.push(child);
  await new Promise((resolve) => child.stdout!.once('data', resolve));
  return { child, log };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
}

async function startsIn(log: string): Promise<string[]> {
  const lines = (await readFile(log, 'utf8')).trim();
  return lines === '' ? [] : lines.split('\n').map((line) => line.split(' ')[0]!);
}

test('the task of a killed worker is run again by another and the audit ends', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const log = join(place.root, `${prefix}.log`);
  await writeFile(log, '');
  const queue = await place.queue(prefix);
  const heard = hear(queue);
  const audit = auditOf(planOf({ report: ['train'], train: ['signals'], signals: [] }, ['train']));
  const end = endOf(queue, audit.auditId);
  await queue.enqueueAudit(audit);
  const { child } = await workerProcess(prefix, log, 400);
  await eventually(async () => (await startsIn(log)).includes('train'));
  await kill(child);
  await workerProcess(prefix, log, 50);
  const output = await end;
  assert.ok('digest' in output);
  assert.deepEqual(await startsIn(log), ['signals', 'train', 'train', 'report']);
  assert.equal(heard.of('taskFailed').length, 0);
  // A death is not the task's fault: it is its first try still.
  assert.deepEqual(
    heard
      .of('taskStarted')
      .filter(({ task }) => task === 'train')
      .map(({ attempt }) => attempt),
    [1, 1],
  );
});

test('a worker killed between writing an output and saying so does not cost the task again', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const log = join(place.root, `${prefix}.log`);
  await writeFile(log, '');
  const queue = await place.queue(prefix);
  const heard = hear(queue);
  const audit = auditOf(planOf({ report: ['train'], train: [] }));
  const end = endOf(queue, audit.auditId);
  await queue.enqueueAudit(audit);
  const { child } = await workerProcess(prefix, log, 60_000);
  await eventually(async () => (await startsIn(log)).includes('train'));
  child.kill('SIGSTOP');
  await place.store.link(audit.project, 'train', await outputOf(place.store, audit.project, 'train'));
  await kill(child);
  await workerProcess(prefix, log, 20);
  await end;
  assert.deepEqual(await startsIn(log), ['train', 'report']);
  assert.equal(heard.of('taskCompleted').find(({ task }) => task === 'train')?.reused, true);
});

test('a wiped Redis is rebuilt by enqueueing again: finished tasks are not run again', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const heard = hear(queue);
  const ran: string[] = [];
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await place.worker({
    prefix,
    slots: { compute: 1, light: 1 },
    timings: { lockMs },
    handlers: handlersOf(async ({ project, task }) => {
      ran.push(task);
      if (task === 'score') await held;
      return outputOf(place.store, project, task);
    }),
  });
  const audit = auditOf(planOf({ report: ['score', 'other'], score: ['signals'], other: [], signals: [] }, ['other']));
  const end = endOf(queue, audit.auditId);
  await queue.enqueueAudit(audit);
  await eventually(() => ran.includes('score') && ran.includes('other'));
  await eventually(() => heard.of('taskCompleted').length === 2);
  const redis = connect(place.redis.url, 'asking');
  await redis.flushall();
  assert.equal((await queue.auditJobs(audit.auditId)).known, false);
  const { outcome, skipped } = await queue.enqueueAudit(audit);
  assert.equal(outcome, 'enqueued');
  assert.deepEqual([...skipped].sort(), ['other', 'signals']);
  // The task under way keeps its claim through the wipe: it restores it within a third of the lock's time.
  await pause(lockMs / 2);
  release();
  assert.ok('digest' in (await end));
  await disconnect(redis);
  assert.equal(ran.filter((task) => task === 'signals').length, 1);
  assert.equal(ran.filter((task) => task === 'other').length, 1);
  assert.equal(ran.filter((task) => task === 'report').length, 1);
});

test('Redis going away and coming back loses neither jobs nor workers nor events', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const ran: string[] = [];
  const errors: unknown[] = [];
  await place.worker({
    prefix,
    slots: { compute: 0, light: 1 },
    onEvent: (event, fields) => {
      if (event === 'queue error') errors.push(fields);
    },
    handlers: handlersOf(async ({ project, task }) => {
      ran.push(task);
      await pause(300);
      return outputOf(place.store, project, task);
    }),
  });
  const audit = auditOf(planOf({ report: ['a', 'b', 'c'], a: [], b: [], c: [] }));
  const end = endOf(queue, audit.auditId);
  await queue.enqueueAudit(audit);
  await eventually(() => ran.length === 1);
  // Its append-only file is synced every second; what is not yet on the disk was handed to the system and survives the process.
  process.kill(place.redis.pid, 'SIGKILL');
  assert.ok('digest' in (await end));
  assert.deepEqual([...new Set(ran)].sort(), ['a', 'b', 'c', 'report']);
  await eventually(() =>
    queue.health().then(
      () => true,
      () => false,
    ),
  );
});

test('a server that hangs is told of as unavailable, and is forgiven when it answers again', async (t) => {
  if (reason !== '') return t.skip(reason);
  const queue = await place.queue(place.prefix());
  process.kill(place.redis.pid, 'SIGSTOP');
  await assert.rejects(queue.health(), { code: 'ENG_QUEUE_UNAVAILABLE' });
  process.kill(place.redis.pid, 'SIGCONT');
  await eventually(() =>
    queue.health().then(
      () => true,
      () => false,
    ),
  );
});

test('an audit of a thousand tasks is enqueued at once and runs to its end', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const shards = Array.from({ length: 998 }, (_, index) => `shard${index}`);
  const plan = planOf({ report: shards, ...Object.fromEntries(shards.map((shard) => [shard, ['model']])), model: [] });
  const audit = auditOf(plan);
  const end = endOf(queue, audit.auditId);
  assert.equal((await queue.enqueueAudit(audit)).outcome, 'enqueued');
  const ran = new Map<string, number>();
  await place.worker({
    prefix,
    slots: { compute: 0, light: 16 },
    handlers: handlersOf(async ({ project, task }) => {
      ran.set(task, (ran.get(task) ?? 0) + 1);
      return outputOf(place.store, project, task);
    }),
  });
  assert.ok('digest' in (await end));
  assert.equal(ran.size, 1000);
  assert.ok([...ran.values()].every((times) => times === 1));
  assert.equal((await queue.auditJobs(audit.auditId)).counts.completed, 1000);
});
