import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { digestOf, newAudit, newDataset, newModel, queuedAudit } from '../fixtures/record-samples.js';
import { newId } from './identifiers.js';
import type { AuditNotice, RecordStore } from './records.js';

/** What the records do on every database. `open` gives empty records, or says why there are none. */
export function recordSuite(name: string, open: () => Promise<RecordStore | string>): void {
  const check = (title: string, body: (records: RecordStore) => Promise<void>): void => {
    test(`${name}: ${title}`, async (t) => {
      const records = await open();
      if (typeof records === 'string') return t.skip(records);
      try {
        await body(records);
      } finally {
        await records.close();
      }
    });
  };

  check('a model comes back as it was recorded', async (records) => {
    const model = newModel();
    const created = await records.models.create('default', model);
    assert.deepEqual(created.stored, model.stored);
    assert.match(created.createdAt, /^\d{4}-.*Z$/);
    assert.deepEqual(await records.models.get('default', model.stored.id), created);
  });

  check('one project neither reads, lists nor deletes what another recorded', async (records) => {
    const model = newModel();
    const dataset = newDataset();
    await records.models.create('alpha', model);
    await records.datasets.create('alpha', dataset);
    const { audit } = await records.audits.create('alpha', newAudit(), { key: 'k', bodyDigest: digestOf('b') });
    await assert.rejects(records.models.get('beta', model.stored.id), { code: 'ENG_MODEL_NOT_FOUND' });
    await assert.rejects(records.models.delete('beta', model.stored.id), { code: 'ENG_MODEL_NOT_FOUND' });
    await assert.rejects(records.datasets.get('beta', dataset.stored.id), { code: 'ENG_DATASET_NOT_FOUND' });
    await assert.rejects(records.audits.get('beta', audit.id), { code: 'ENG_AUDIT_NOT_FOUND' });
    await assert.rejects(records.audits.events('beta', audit.id, 0), { code: 'ENG_AUDIT_NOT_FOUND' });
    await assert.rejects(records.audits.change('beta', audit.id, ['queued'], {}), { code: 'ENG_AUDIT_NOT_FOUND' });
    const inputs = { models: [model.stored.id], datasets: [] };
    await assert.rejects(records.audits.create('beta', newAudit({ inputs })), { code: 'ENG_MODEL_NOT_FOUND' });
    assert.deepEqual((await records.models.list('beta', { limit: 10 })).items, []);
    assert.deepEqual((await records.audits.list('beta', { limit: 10 })).items, []);
    assert.equal(await records.audits.findIdempotent('beta', { key: 'k', bodyDigest: digestOf('b') }), undefined);
    await records.durations.add('alpha', { task: 't', kind: 'write-report', device: 'cpu', units: 1, durationMs: 5 });
    assert.deepEqual(await records.durations.rates('beta'), []);
  });

  check('pages are newest first, and what is added meanwhile neither repeats nor hides anything', async (records) => {
    const ids: string[] = [];
    const add = async (): Promise<void> => {
      const model = newModel();
      ids.unshift(model.stored.id);
      await records.models.create('default', model);
      // Ids tell times apart by the millisecond.
      await new Promise((resolve) => setTimeout(resolve, 2));
    };
    for (let count = 0; count < 5; count++) await add();
    const before = [...ids];
    const first = await records.models.list('default', { limit: 2 });
    await add();
    await records.models.delete('default', ids[1]!);
    const second = await records.models.list('default', { limit: 2, cursor: first.nextCursor! });
    const third = await records.models.list('default', { limit: 2, cursor: second.nextCursor! });
    const seen = [first, second, third].flatMap((page) => page.items.map((item) => item.stored.id));
    assert.deepEqual(seen, before);
    assert.equal(third.nextCursor, null);
  });

  check('a cursor of another list, or no cursor at all, is refused with its place', async (records) => {
    await queuedAudit(records);
    await queuedAudit(records);
    const { nextCursor } = await records.audits.list('default', { limit: 1 });
    for (const cursor of [nextCursor!, 'x', '', Buffer.from("model '; drop table models").toString('base64url')])
      await assert.rejects(records.models.list('default', { limit: 1, cursor }), {
        code: 'ENG_REQUEST_INVALID',
        faults: [{ pointer: '/cursor', message: 'expected the nextCursor of a page of this list' }],
      });
  });

  check('a model that an unfinished audit reads cannot be deleted; when it has finished, it can', async (records) => {
    const model = newModel();
    await records.models.create('default', model);
    const id = await queuedAudit(records, { inputs: { models: [model.stored.id], datasets: [] } });
    await assert.rejects(records.models.delete('default', model.stored.id), {
      code: 'ENG_IN_USE',
      details: { audit: id },
    });
    await records.audits.change('default', id, ['queued'], { status: 'cancelled' });
    await records.models.delete('default', model.stored.id);
    await assert.rejects(records.models.get('default', model.stored.id), { code: 'ENG_MODEL_NOT_FOUND' });
    assert.equal((await records.audits.get('default', id)).status, 'cancelled');
  });

  check('an audit of something that is not there is not recorded, nor is its key', async (records) => {
    const inputs = { models: [], datasets: [newId('dataset')] };
    const idempotency = { key: 'k', bodyDigest: digestOf('body') };
    await assert.rejects(records.audits.create('default', newAudit({ inputs }), idempotency), {
      code: 'ENG_DATASET_NOT_FOUND',
    });
    assert.deepEqual((await records.audits.list('default', { limit: 10 })).items, []);
    assert.equal((await records.audits.create('default', newAudit(), idempotency)).created, true);
  });

  check('of creating an audit and deleting its dataset at once, exactly one succeeds', async (records) => {
    for (let round = 0; round < 10; round++) {
      const dataset = newDataset();
      await records.datasets.create('default', dataset);
      const inputs = { models: [], datasets: [dataset.stored.id] };
      const outcomes = await Promise.allSettled([
        records.audits.create('default', newAudit({ inputs })),
        records.datasets.delete('default', dataset.stored.id),
      ]);
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    }
  });

  check('deleting tells which artifacts nothing else consists of', async (records) => {
    const [own, shared, elsewhere] = [digestOf('own'), digestOf('shared'), digestOf('elsewhere')];
    const model = newModel('model', [own, shared, elsewhere]);
    await records.models.create('default', model);
    await records.datasets.create('default', newDataset('dataset', [shared]));
    await records.datasets.create('other', newDataset('dataset', [elsewhere]));
    const { orphaned } = await records.models.delete('default', model.stored.id);
    assert.deepEqual([...orphaned].sort(), [model.artifact, own, elsewhere].sort());
  });

  check('artifacts no model or dataset of the project consists of are told from those one does', async (records) => {
    const [modelled, shared, elsewhere, loose] = ['m', 's', 'e', 'l'].map(digestOf) as [string, string, string, string];
    await records.models.create('default', newModel('model', [modelled, shared]));
    await records.datasets.create('default', newDataset('dataset', [shared]));
    await records.datasets.create('other', newDataset('dataset', [elsewhere]));
    const asked = [loose, modelled, shared, elsewhere];
    assert.deepEqual(await records.unrecorded('default', asked), [loose, elsewhere]);
    assert.deepEqual(await records.unrecorded('default', []), []);
  });

  check('a new audit is queued, with its first event', async (records) => {
    const wanted = newAudit({ notices: ['few non-members'], estimate: { seconds: null, tasks: 3 } });
    const { audit, created } = await records.audits.create('default', wanted);
    assert.equal(created, true);
    assert.equal(audit.status, 'queued');
    assert.deepEqual(audit.request, wanted.request);
    assert.deepEqual(audit.estimate, wanted.estimate);
    assert.deepEqual(audit.notices, wanted.notices);
    assert.equal(audit.version, 1);
    assert.deepEqual(
      [audit.startedAt, audit.finishedAt, audit.verdict, audit.report, audit.error],
      [null, null, null, null, null],
    );
    assert.deepEqual(await records.audits.get('default', audit.id), audit);
    const [event] = await records.audits.events('default', audit.id, 0);
    assert.deepEqual({ ...event, at: '' }, { sequence: 1, type: 'status', data: { status: 'queued' }, at: '' });
  });

  check('an audit goes from queued to its end, and each change raises its version', async (records) => {
    const id = await queuedAudit(records);
    const progress = { done: 1, total: 3, unit: 'task', phase: 'collect-signals', etaSeconds: 12 } as const;
    const running = await records.audits.change('default', id, ['queued'], { status: 'running', progress });
    assert.equal(running?.version, 2);
    assert.deepEqual(running.progress, progress);
    assert.notEqual(running.startedAt, null);
    const error = { code: 'ENG_INSUFFICIENT_SAMPLES', message: 'expected 1000, got 12', details: { got: 12 } } as const;
    const failed = await records.audits.change('default', id, ['running'], { status: 'failed', error });
    assert.equal(failed?.version, 3);
    assert.deepEqual(failed.error, error);
    assert.equal(failed.startedAt, running.startedAt);
    assert.notEqual(failed.finishedAt, null);
  });

  check('a finished audit never changes', async (records) => {
    const id = await queuedAudit(records);
    const findings = [{ id: 'membership.lira', severity: 'high' }];
    const report = digestOf('report');
    const ended = await records.audits.change('default', id, ['queued', 'running'], {
      status: 'succeeded',
      verdict: 'leak',
      findings,
      report,
    });
    const late = await records.audits.change(
      'default',
      id,
      ['queued', 'running'],
      { status: 'cancelled', findings: [] },
      [{ type: 'status', data: { status: 'cancelled' } }],
    );
    assert.equal(late, undefined);
    assert.deepEqual(await records.audits.get('default', id), ended);
    assert.equal((await records.audits.events('default', id, 0)).length, 1);
  });

  check('of many who end an audit at once, one wins', async (records) => {
    const id = await queuedAudit(records);
    const outcomes = await Promise.all(
      (['succeeded', 'failed', 'cancelled', 'failed'] as const).map((status) =>
        records.audits.change('default', id, ['queued', 'running'], { status }, [{ type: 'status', data: { status } }]),
      ),
    );
    const winners = outcomes.filter((outcome) => outcome !== undefined);
    assert.equal(winners.length, 1);
    assert.equal((await records.audits.get('default', id)).status, winners[0]!.status);
    assert.equal((await records.audits.events('default', id, 0)).length, 2);
  });

  check(
    'events have sequences without gaps, in the order of the changes, however many write at once',
    async (records) => {
      const id = await queuedAudit(records);
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          records.audits.change('default', id, ['queued'], {}, [
            { type: 'progress', data: { index, part: 1 } },
            { type: 'progress', data: { index, part: 2 } },
          ]),
        ),
      );
      const events = await records.audits.events('default', id, 0);
      assert.deepEqual(
        events.map((event) => event.sequence),
        Array.from({ length: 41 }, (_, index) => index + 1),
      );
      for (let at = 1; at < events.length; at += 2) {
        assert.equal(events[at]!.data.index, events[at + 1]!.data.index);
        assert.equal(events[at]!.data.part, 1);
      }
      assert.deepEqual(
        (await records.audits.events('default', id, 39)).map((event) => event.sequence),
        [40, 41],
      );
      assert.deepEqual(
        (await records.audits.events('default', id, 10, 2)).map((event) => event.sequence),
        [11, 12],
      );
      assert.deepEqual(await records.audits.events('default', id, 41), []);
      assert.equal((await records.audits.get('default', id)).lastEvent, 41);
    },
  );

  check(
    'the same key and body give the same audit, however many ask at once; another body is a conflict',
    async (records) => {
      const idempotency = { key: 'pipeline 7', bodyDigest: digestOf('body') };
      const made = await Promise.all(
        Array.from({ length: 8 }, () => records.audits.create('default', newAudit(), idempotency)),
      );
      assert.equal(new Set(made.map(({ audit }) => audit.id)).size, 1);
      assert.equal(made.filter(({ created }) => created).length, 1);
      assert.equal((await records.audits.list('default', { limit: 10 })).items.length, 1);
      const other = { key: 'pipeline 7', bodyDigest: digestOf('another body') };
      await assert.rejects(records.audits.create('default', newAudit(), other), { code: 'ENG_IDEMPOTENCY_CONFLICT' });
      await assert.rejects(records.audits.findIdempotent('default', other), { code: 'ENG_IDEMPOTENCY_CONFLICT' });
      assert.equal((await records.audits.findIdempotent('default', idempotency))?.id, made[0]!.audit.id);
    },
  );

  check('the same key in two projects is two keys', async (records) => {
    const idempotency = { key: 'k', bodyDigest: digestOf('body') };
    const first = await records.audits.create('alpha', newAudit(), idempotency);
    const second = await records.audits.create('beta', newAudit(), { ...idempotency, bodyDigest: digestOf('other') });
    assert.equal(first.created && second.created, true);
  });

  check('unfinished audits of every project are found, the oldest first', async (records) => {
    const ids: string[] = [];
    for (const project of ['alpha', 'beta', 'gamma']) {
      ids.push((await records.audits.create(project, newAudit())).audit.id);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await records.audits.change('beta', ids[1]!, ['queued'], { status: 'failed' });
    await records.audits.change('gamma', ids[2]!, ['queued'], { status: 'running' });
    assert.deepEqual(
      (await records.audits.unfinished()).map(({ id }) => id),
      [ids[0], ids[2]],
    );
  });

  check('a watcher hears of each change, after it can be read, until it stops', async (records) => {
    const heard: (AuditNotice | undefined)[] = [];
    const stop = records.watch((notice) => void heard.push(notice));
    const id = await queuedAudit(records);
    await records.audits.change('default', id, ['queued'], { status: 'running' });
    await eventually(() => heard.length >= 2);
    assert.deepEqual(heard, [
      { project: 'default', auditId: id },
      { project: 'default', auditId: id },
    ]);
    stop();
    await records.audits.change('default', id, ['running'], { status: 'failed' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(heard.length, 2);
  });

  check('JSON and text come back exactly', async (records) => {
    const text = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => value.replaceAll('\0', ''));
    await fc.assert(
      fc.asyncProperty(text, fc.jsonValue(), async (name, value) => {
        // -0 is no JSON number of its own.
        const request = JSON.parse(JSON.stringify({ [name]: value, nul: 'a\0b' })) as { [key: string]: never };
        const { audit } = await records.audits.create('default', newAudit({ name, request }));
        assert.equal(audit.name, name);
        assert.deepEqual((await records.audits.get('default', audit.id)).request, request);
      }),
      { numRuns: 50 },
    );
  });

  check('a name with a NUL character is refused, not half-recorded', async (records) => {
    await assert.rejects(records.audits.create('default', newAudit({ name: 'a\0b' })), { code: 'ENG_REQUEST_INVALID' });
    assert.deepEqual((await records.audits.list('default', { limit: 10 })).items, []);
  });

  check('a rate is the median time per unit of the latest fifty tasks; each task counts once', async (records) => {
    const add = (task: string, durationMs: number, units: number, device = 'cpu'): Promise<void> =>
      records.durations.add('default', { task, kind: 'train-reference', device, units, durationMs });
    // An old, slow machine: pushed out by the fifty that follow.
    for (let index = 0; index < 3; index++) await add(`old${index}`, 1_000_000, 1);
    for (let index = 0; index < 50; index++) await add(`new${index}`, 10 * (index + 1), 10);
    await add('new0', 999_999, 1);
    await add('nothing', 5, 0);
    await add('gpu', 30, 100, 'cuda:0');
    // Milliseconds per unit are 1, 2 … 50: the median is 25.5.
    assert.deepEqual(await records.durations.rates('default'), [
      { kind: 'train-reference', device: 'cpu', msPerUnit: 25.5, tasks: 50 },
      { kind: 'train-reference', device: 'cuda:0', msPerUnit: 0.3, tasks: 1 },
    ]);
  });

  check('a key opens its project until it is revoked, and nothing else does', async (records) => {
    assert.equal(await records.keys.any(), false);
    const { key, record } = await records.keys.issue('alpha', 'pipeline');
    const second = await records.keys.issue('alpha', 'laptop');
    assert.deepEqual(await records.keys.verify(key), { project: 'alpha', id: record.id });
    const wrongSecret = `${key.slice(0, -4)}${key.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    const swapped = `${second.key.slice(0, 31)}${key.slice(31)}`;
    for (const wrong of [wrongSecret, swapped, '', 'eng__', key.slice(0, -1), `${key}x`, key.toUpperCase()])
      assert.equal(await records.keys.verify(wrong), undefined);
    assert.equal(JSON.stringify(await records.keys.list('alpha')).includes(key.slice(31)), false);
    await assert.rejects(records.keys.revoke('beta', record.id), { code: 'ENG_REQUEST_INVALID' });
    await records.keys.revoke('alpha', record.id);
    assert.equal(await records.keys.verify(key), undefined);
    assert.equal(await records.keys.any(), true);
    assert.deepEqual(
      (await records.keys.list('alpha')).map(({ name, revokedAt }) => [name, revokedAt === null]),
      [
        ['pipeline', false],
        ['laptop', true],
      ],
    );
  });

  check('asks after the database', async (records) => {
    assert.ok((await records.health()).latencyMs >= 0);
  });
}

async function eventually(claim: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !claim(); tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(claim());
}
