import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { EngramError } from '@engram/domain';
import type { JobHandlers } from './catalog.js';
import { connect, disconnect } from './connection.js';
import { endOf, eventually, hear } from './fixtures/outcomes.js';
import { auditOf, handlersOf, outputOf, planOf } from './fixtures/plans.js';
import { openWorkplace, type Workplace } from './fixtures/workplace.js';

let place: Workplace;
let reason = '';

before(async () => {
  const opened = await openWorkplace();
  if (typeof opened === 'string') reason = opened;
  else place = opened;
});
afterEach(() => place?.tidy());
after(() => place?.close());

/** Handlers that note which task ran, in order of finishing. */
function recording(ran: string[], takesMs = 0): JobHandlers {
  return handlersOf(async ({ project, task }) => {
    await new Promise((resolve) => setTimeout(resolve, takesMs));
    ran.push(task);
    return outputOf(place.store, project, task);
  });
}

const slots = { compute: 2, light: 4 };
const diamond = {
  report: ['score1', 'score2'],
  score1: ['signals'],
  score2: ['signals', 'train'],
  signals: [],
  train: [],
};

test('every task runs once, after all it reads, and the report ends the audit', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const ran: string[] = [];
  const audit = auditOf(planOf(diamond, ['signals', 'train']));
  const end = endOf(queue, audit.auditId);
  assert.deepEqual(await queue.enqueueAudit(audit), { outcome: 'enqueued', skipped: [] });
  await place.worker({ prefix, slots, handlers: recording(ran, 30) });
  const output = await end;
  assert.ok('digest' in output);
  assert.deepEqual(await place.store.resolve(audit.project, 'report'), output);
  assert.deepEqual([...ran].sort(), Object.keys(diamond).sort());
  for (const [task, inputs] of Object.entries(diamond))
    for (const input of inputs) assert.ok(ran.indexOf(input) < ran.indexOf(task), `${input} before ${task}`);
});

test('a task waiting for an input elsewhere in the flow gives up its slot', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const ran: string[] = [];
  // One slot: were score2 to sit in it waiting for the signals, nothing would ever run.
  const plan = planOf({
    report: ['score1', 'score2', 'score3'],
    score1: ['signals'],
    score2: ['signals'],
    score3: ['signals'],
    signals: [],
  });
  const audit = auditOf(plan);
  const end = endOf(queue, audit.auditId);
  await queue.enqueueAudit(audit);
  await place.worker({ prefix, slots: { compute: 0, light: 1 }, handlers: recording(ran, 50) });
  await end;
  assert.equal(ran[0], 'signals');
  assert.equal(ran.at(-1), 'report');
  assert.equal(ran.length, 5);
});

test('events tell of start, progress and end of each task', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const heard = hear(queue);
  const audit = auditOf(planOf({ report: [] }));
  const end = endOf(queue, audit.auditId);
  const worker = await place.worker({
    prefix,
    slots,
    timings: { progressEveryMs: 20 },
    handlers: handlersOf(async ({ project, task }, { progress }) => {
      for (let step = 0; step <= 100; step++) {
        progress({ fraction: step / 100, note: `step ${step}` });
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      return outputOf(place.store, project, task);
    }),
  });
  await queue.enqueueAudit(audit);
  await end;
  assert.deepEqual(heard.of('taskStarted'), [
    { auditId: audit.auditId, task: 'report', worker: worker.id, attempt: 1 },
  ]);
  const progress = heard.of('taskProgress');
  assert.ok(progress.length >= 3 && progress.length < 60, `throttled, got ${progress.length} of 101`);
  for (let index = 1; index < progress.length; index++)
    assert.ok(progress[index]!.fraction > progress[index - 1]!.fraction);
  const [completed] = heard.of('taskCompleted');
  assert.equal(completed?.reused, false);
  assert.equal(completed?.worker, worker.id);
  assert.deepEqual(
    heard.events.map(({ name }) => name).filter((name) => name !== 'taskProgress'),
    ['taskStarted', 'taskCompleted', 'auditCompleted'],
  );
});

test('a finished task is not run again for a later audit, nor what only it needed', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const ran: string[] = [];
  await place.worker({ prefix, slots, handlers: recording(ran) });
  const first = auditOf(planOf({ score1: ['signals'], signals: ['model'], model: [] }), 'dedupe');
  const second = auditOf(
    planOf({ report: ['score1', 'score2'], score1: ['signals'], score2: ['signals'], signals: ['model'], model: [] }),
    'dedupe',
  );
  const firstEnd = endOf(queue, first.auditId);
  await queue.enqueueAudit(first);
  await firstEnd;
  const secondEnd = endOf(queue, second.auditId);
  const { skipped } = await queue.enqueueAudit(second);
  assert.deepEqual([...skipped].sort(), ['model', 'score1', 'signals']);
  await secondEnd;
  assert.deepEqual(ran, ['model', 'signals', 'score1', 'score2', 'report']);
});

test('an audit whose report is there already ends without running anything', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const ran: string[] = [];
  await place.worker({ prefix, slots, handlers: recording(ran) });
  const audit = auditOf(planOf({ report: ['score'], score: [] }));
  await place.store.link(audit.project, 'report', await outputOf(place.store, audit.project, 'report'));
  const end = endOf(queue, audit.auditId);
  assert.deepEqual(await queue.enqueueAudit(audit), { outcome: 'enqueued', skipped: ['report', 'score'] });
  assert.ok('digest' in (await end));
  assert.deepEqual(ran, []);
});

test('two audits that want the same task at the same time share one run of it', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const ran: string[] = [];
  const audits = ['report1', 'report2', 'report3'].map((report) =>
    auditOf(planOf({ [report]: ['signals'], signals: [] }), 'together'),
  );
  const ends = audits.map((audit) => endOf(queue, audit.auditId));
  await Promise.all(audits.map((audit) => queue.enqueueAudit(audit)));
  await place.worker({ prefix, slots, handlers: recording(ran, 300) });
  await Promise.all(ends);
  assert.deepEqual([...ran].sort(), ['report1', 'report2', 'report3', 'signals']);
});

test('the same task of two projects is two tasks', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const ran: string[] = [];
  const audits = [auditOf(planOf({ report: [] }), 'alpha'), auditOf(planOf({ report: [] }), 'beta')];
  const ends = audits.map((audit) => endOf(queue, audit.auditId));
  for (const audit of audits) await queue.enqueueAudit(audit);
  await place.worker({ prefix, slots, handlers: recording(ran, 50) });
  await Promise.all(ends);
  assert.deepEqual(ran, ['report', 'report']);
});

test('enqueueing again, also from several at once, changes nothing while the audit is under way', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const ran: string[] = [];
  const audit = auditOf(planOf(diamond));
  const outcomes = await Promise.all([1, 2, 3].map(() => queue.enqueueAudit(audit)));
  assert.deepEqual(outcomes.map(({ outcome }) => outcome).sort(), ['enqueued', 'underWay', 'underWay']);
  const end = endOf(queue, audit.auditId);
  await place.worker({ prefix, slots, handlers: recording(ran, 20) });
  await queue.enqueueAudit(audit);
  await end;
  assert.equal((await queue.enqueueAudit(audit)).outcome, 'underWay');
  assert.equal(ran.length, Object.keys(diamond).length);
});

test('two workers share the work of an audit and each task runs once', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const shards = Array.from({ length: 12 }, (_, index) => `shard${index}`);
  const plan = planOf({ report: shards, ...Object.fromEntries(shards.map((shard) => [shard, []])) }, shards);
  const audit = auditOf(plan);
  const [ranHere, ranThere]: [string[], string[]] = [[], []];
  await place.worker({ prefix, slots: { compute: 1, light: 1 }, handlers: recording(ranHere, 40) });
  await place.worker({ prefix, slots: { compute: 1, light: 1 }, handlers: recording(ranThere, 40) });
  const end = endOf(queue, audit.auditId);
  await queue.enqueueAudit(audit);
  await end;
  assert.deepEqual([...ranHere, ...ranThere].sort(), ['report', ...shards].sort());
  assert.ok(ranHere.length > 2 && ranThere.length > 2, `shared ${ranHere.length} to ${ranThere.length}`);
});

test('a short audit does not wait for the whole of a long one before it', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const shards = Array.from({ length: 40 }, (_, index) => `shard${index}`);
  const long = auditOf(planOf({ report: shards, ...Object.fromEntries(shards.map((shard) => [shard, []])) }));
  const short = auditOf(planOf({ brief: ['signals'], signals: [] }));
  const ran: string[] = [];
  const ends = [endOf(queue, long.auditId), endOf(queue, short.auditId)];
  await queue.enqueueAudit(long);
  await queue.enqueueAudit(short);
  await place.worker({ prefix, slots: { compute: 0, light: 1 }, handlers: recording(ran, 2) });
  await Promise.all(ends);
  assert.ok(ran.indexOf('brief') < 10, `the short audit ended after ${ran.indexOf('brief')} tasks of the long one`);
});

test('a failure for good ends the audit: the other jobs are removed and running ones stopped', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const heard = hear(queue);
  let stopped = false;
  await place.worker({
    prefix,
    slots,
    handlers: handlersOf(async ({ task }, { signal }) => {
      if (task === 'bad') {
        await new Promise((resolve) => setTimeout(resolve, 100));
        throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected 1000 non-members, got 12', {
          remedy: 'Give more.',
        });
      }
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      stopped = true;
      throw signal.reason;
    }),
  });
  const audit = auditOf(planOf({ report: ['bad', 'slow'], bad: [], slow: [] }));
  const end = endOf(queue, audit.auditId);
  await queue.enqueueAudit(audit);
  const failure = await end;
  assert.ok('error' in failure);
  assert.equal(failure.task, 'bad');
  assert.deepEqual(failure.error, {
    code: 'ENG_INSUFFICIENT_SAMPLES',
    message: 'expected 1000 non-members, got 12',
    remedy: 'Give more.',
    details: {},
  });
  await eventually(() => stopped && heard.of('taskFailed').length === 2);
  assert.equal(heard.of('auditFailed').length, 1);
  const jobs = await queue.auditJobs(audit.auditId);
  assert.equal(jobs.root, 'absent');
  assert.deepEqual(jobs.stopped, { kind: 'failed', task: 'bad', error: failure.error });
  assert.equal((await queue.enqueueAudit(audit)).outcome, 'stopped');
});

test('a failure of a mistaken kind, one not of ours, is final and keeps its message', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  let tries = 0;
  await place.worker({
    prefix,
    slots,
    handlers: handlersOf(() => {
      tries++;
      return Promise.reject(new TypeError('x is not a function'));
    }),
  });
  const audit = auditOf(planOf({ report: [] }));
  const end = endOf(queue, audit.auditId);
  await queue.enqueueAudit(audit);
  const failure = await end;
  assert.ok('error' in failure);
  assert.equal(failure.error.code, 'ENG_INTERNAL');
  assert.equal(failure.error.message, 'x is not a function');
  assert.equal(tries, 1);
});

test('a lost device is tried again, and the handler is told which try it is', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const heard = hear(queue);
  const attempts: number[] = [];
  await place.worker({
    prefix,
    slots,
    handlers: handlersOf(async ({ project, task }, { attempt }) => {
      attempts.push(attempt);
      if (attempt < 3) throw new EngramError('ENG_DEVICE_OUT_OF_MEMORY', 'no memory for a batch of 512');
      return outputOf(place.store, project, task);
    }),
  });
  const audit = auditOf(planOf({ report: [] }, ['report']));
  const end = endOf(queue, audit.auditId);
  await queue.enqueueAudit(audit);
  assert.ok('digest' in (await end));
  assert.deepEqual(attempts, [1, 2, 3]);
  assert.deepEqual(
    heard.of('taskRetried').map(({ attempt, error }) => [attempt, error.code]),
    [
      [1, 'ENG_DEVICE_OUT_OF_MEMORY'],
      [2, 'ENG_DEVICE_OUT_OF_MEMORY'],
    ],
  );
  assert.equal(heard.of('taskFailed').length, 0);
});

test('waiting for an input or for another audit is not counted as a try', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const attempts = new Map<string, number>();
  await place.worker({
    prefix,
    slots,
    handlers: handlersOf(async ({ project, task }, { attempt }) => {
      attempts.set(task, attempt);
      if (task === 'signals') await new Promise((resolve) => setTimeout(resolve, 1200));
      return outputOf(place.store, project, task);
    }),
  });
  const audit = auditOf(
    planOf({ report: ['score1', 'score2'], score1: ['signals'], score2: ['signals'], signals: [] }),
  );
  const end = endOf(queue, audit.auditId);
  await queue.enqueueAudit(audit);
  await end;
  assert.equal(attempts.get('score2'), 1);
});

test('cancelling reaches a running task within two seconds and removes the waiting ones', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const heard = hear(queue);
  let abortedAfterMs = Number.NaN;
  let cancelledAt = 0;
  await place.worker({
    prefix,
    slots: { compute: 1, light: 1 },
    handlers: handlersOf(async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      abortedAfterMs = performance.now() - cancelledAt;
      throw new Error('aborted');
    }),
  });
  const audit = auditOf(planOf({ report: ['a', 'b'], a: [], b: [] }, ['a', 'b']));
  await queue.enqueueAudit(audit);
  await eventually(() => heard.of('taskStarted').length === 1);
  cancelledAt = performance.now();
  assert.deepEqual(await queue.cancelAudit(audit.auditId), { kind: 'cancelled' });
  await eventually(() => heard.of('taskFailed').length === 1);
  assert.ok(abortedAfterMs < 2000, `aborted after ${abortedAfterMs} ms`);
  assert.equal(heard.of('taskFailed')[0]!.error.code, 'ENG_AUDIT_CANCELLED');
  assert.equal(heard.of('auditFailed').length, 0);
  const { counts } = await queue.auditJobs(audit.auditId);
  assert.equal(counts.waiting + counts.active + counts.delayed + counts.waitingForInputs, 0);
  assert.equal((await queue.enqueueAudit(audit)).outcome, 'stopped');
  assert.deepEqual(await queue.depth(), {
    compute: { waiting: 0, active: 0, delayed: 0, waitingForInputs: 0 },
    light: { waiting: 0, active: 0, delayed: 0, waitingForInputs: 0 },
  });
});

test('a stop whose announcement was missed is found by looking', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const heard = hear(queue);
  await place.worker({
    prefix,
    slots,
    handlers: handlersOf(async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw signal.reason;
    }),
  });
  const audit = auditOf(planOf({ report: [] }));
  await queue.enqueueAudit(audit);
  await eventually(() => heard.of('taskStarted').length === 1);
  const redis = connect(place.redis.url, 'asking');
  await redis.set(`${prefix}:stop:${audit.auditId}`, JSON.stringify({ kind: 'cancelled' }));
  await disconnect(redis);
  await eventually(() => heard.of('taskFailed').length === 1, 3000);
});

test('a task that will not stop is no longer waited for', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const heard = hear(queue);
  await place.worker({ prefix, slots, timings: { abandonMs: 50 }, handlers: handlersOf(() => new Promise(() => {})) });
  const audit = auditOf(planOf({ report: [] }));
  await queue.enqueueAudit(audit);
  await eventually(() => heard.of('taskStarted').length === 1);
  await queue.cancelAudit(audit.auditId);
  await eventually(() => heard.of('taskFailed').length === 1);
});

test('a worker that closes gives its tasks back, and they do not count as tried', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const heard = hear(queue);
  const first = await place.worker({
    prefix,
    slots,
    handlers: handlersOf(async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw signal.reason;
    }),
  });
  const audit = auditOf(planOf({ report: [] }));
  const end = endOf(queue, audit.auditId);
  await queue.enqueueAudit(audit);
  await eventually(() => heard.of('taskStarted').length === 1);
  await first.close();
  assert.deepEqual(await queue.workersAlive(), []);
  const ran: string[] = [];
  await place.worker({ prefix, slots, handlers: recording(ran) });
  assert.ok('digest' in (await end));
  assert.deepEqual(ran, ['report']);
  assert.deepEqual(
    heard.of('taskStarted').map(({ attempt }) => attempt),
    [1, 1],
  );
  assert.equal(heard.of('taskFailed').length, 0);
});

test('a worker that closes with grace lets its task finish', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const heard = hear(queue);
  const ran: string[] = [];
  const worker = await place.worker({ prefix, slots, handlers: recording(ran, 300) });
  const audit = auditOf(planOf({ report: [] }));
  const end = endOf(queue, audit.auditId);
  await queue.enqueueAudit(audit);
  await eventually(() => heard.of('taskStarted').length === 1);
  await worker.close({ graceMs: 10_000 });
  assert.deepEqual(ran, ['report']);
  assert.ok('digest' in (await end));
});

test('states of an audit’s jobs tell where it stands', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const audit = auditOf(planOf({ report: ['score'], score: ['signals'], signals: [] }));
  assert.equal((await queue.auditJobs(audit.auditId)).known, false);
  await queue.enqueueAudit(audit);
  const before = await queue.auditJobs(audit.auditId);
  assert.deepEqual(Object.fromEntries(before.tasks.map(({ task, state }) => [task, state])), {
    report: 'waitingForInputs',
    score: 'waitingForInputs',
    signals: 'waiting',
  });
  const end = endOf(queue, audit.auditId);
  const worker = await place.worker({ prefix, slots, handlers: recording([]) });
  await end;
  const afterwards = await queue.auditJobs(audit.auditId);
  assert.equal(afterwards.root, 'completed');
  assert.equal(afterwards.counts.completed, 3);
  assert.deepEqual(
    afterwards.tasks.find(({ task }) => task === 'signals')?.output,
    await place.store.resolve(audit.project, 'signals'),
  );
  await queue.forgetAudit(audit.auditId);
  assert.equal((await queue.auditJobs(audit.auditId)).known, false);
  const redis = connect(place.redis.url, 'asking');
  const left = (await redis.keys(`${prefix}:*`)).filter((key) => key.includes(audit.auditId));
  await disconnect(redis);
  assert.deepEqual(left, []);
  const [alive] = await queue.workersAlive();
  assert.equal(alive?.id, worker.id);
  assert.deepEqual(alive.slots, slots);
});

test('a task under way shows in its worker’s heartbeat', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const heard = hear(queue);
  const worker = await place.worker({ prefix, slots, handlers: recording([], 200) });
  const audit = auditOf(planOf({ report: [] }));
  await queue.enqueueAudit(audit);
  await eventually(() => heard.of('taskStarted').length === 1);
  const [current] = worker.current;
  assert.equal(current?.task, 'report');
  assert.equal(current.auditId, audit.auditId);
});

test('jobs lost from Redis are made anew by enqueueing again', async (t) => {
  if (reason !== '') return t.skip(reason);
  const prefix = place.prefix();
  const queue = await place.queue(prefix);
  const audit = auditOf(planOf({ report: ['a', 'b'], a: [], b: [] }));
  await queue.enqueueAudit(audit);
  const redis = connect(place.redis.url, 'asking');
  for (const task of ['a', 'b']) await redis.del(`${prefix}:light:${audit.auditId}-${task}`);
  await redis.del(`${prefix}:light:prioritized`);
  await disconnect(redis);
  assert.equal((await queue.enqueueAudit(audit)).outcome, 'enqueued');
  const end = endOf(queue, audit.auditId);
  const ran: string[] = [];
  await place.worker({ prefix, slots, handlers: recording(ran) });
  await end;
  assert.deepEqual([...ran].sort(), ['a', 'b', 'report']);
});

test('a queue that cannot be reached says so, soon', async () => {
  const { openQueue } = await import('./queue.js');
  await assert.rejects(
    openQueue({ redisUrl: 'redis://127.0.0.1:1', artifacts: { resolve: () => Promise.resolve(undefined) } }),
    { code: 'ENG_QUEUE_UNAVAILABLE' },
  );
});
