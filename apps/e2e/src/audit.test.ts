import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  type Audit,
  type AuditRequestInput,
  audit,
  type Model,
  type Preflight,
  problem,
  type StatusEvent,
} from '@engram/contract';
import { parquetReadObjects } from 'hyparquet';
import { blobs, ofClasses, uploadOf } from './data/blobs.js';
import { trainedClassifier } from './data/classifier.js';
import { canaries, linesOf, sentences, trainedLanguageModel } from './data/language-model.js';
import { type Client, succeed } from './harness/client.js';
import { receiveEvents } from './harness/event-stream.js';
import { numbersOf } from './harness/numbers-of.js';
import { type Service, startService } from './harness/service.js';
import { until } from './harness/until.js';

let service: Service;
let client: Client;
before(async () => {
  service = await startService();
  client = service.client();
});
after(() => service?.stop());

/** Kinds of task that ran for an audit, in the order they began. */
function tasksRun(auditId: string): unknown[] {
  return service
    .logged('task started')
    .filter((entry) => entry.auditId === auditId)
    .map(({ kind }) => kind);
}

describe('a classifier that knows its training data by heart', () => {
  const memorised = blobs(200, 1);
  let model: Model;
  let request: AuditRequestInput;
  let finished: Audit;

  before(async () => {
    model = await client.uploadModel(trainedClassifier(memorised));
    const members = await client.uploadDataset(uploadOf('members', memorised));
    const nonMembers = await client.uploadDataset(uploadOf('non-members', blobs(200, 2)));
    request = {
      name: 'blobs',
      model: model.id,
      data: { members: members.id, nonMembers: nonMembers.id },
      tests: {
        membership: { attacks: ['lira', 'rmia', 'loss'], referenceModels: { count: 8 }, fpr: [0.1] },
        unlearningDifficulty: {
          estimators: ['privacyLoss', 'loss'],
          verify: { forgetSets: 2, size: 8, retrainSeeds: 1, epochs: 3 },
        },
      },
      seed: 7,
    };
  });

  it('is told what an audit would cost by a dry run, which leaves nothing', async () => {
    const artifacts = service.artifacts();
    const { estimate, notices } = await client.dryRun(request);
    assert.ok(estimate.tasks >= 6, JSON.stringify(estimate));
    assert.equal(estimate.workers, 1);
    assert.equal(estimate.byKind['write-report']?.tasks, 1);
    assert.ok(notices.some((notice) => notice.includes('checkpoints')));
    assert.deepEqual(service.artifacts(), artifacts);
    assert.deepEqual(await client.list('/v1/audits'), []);
  });

  it('gets a report of membership and unlearning difficulty that claims a leak', async () => {
    const submitted = await client.submit(request);
    assert.equal(submitted.status, 'queued');
    const events = receiveEvents(client, submitted.id);
    finished = await succeed(client, submitted.id);
    assert.equal(finished.progress.done, finished.progress.total);
    const report = await client.report(finished.id);
    assert.equal(report.auditId, finished.id);
    assert.equal(report.verdict, 'leak');
    assert.equal(finished.verdict, 'leak');
    assert.deepEqual(finished.findings, report.findings);
    assert.deepEqual(
      report.membership?.attacks.map(({ scoreId }) => scoreId),
      ['lira', 'rmia', 'loss'],
    );
    assert.equal(report.membership?.referenceModels?.count, 8);
    assert.equal(report.unlearningDifficulty?.verification?.forgetSets.length, 2);
    const { request: asked, versions, hardware } = report.reproduce;
    assert.equal(asked.seed, 7);
    for (const name of ['engram', 'node', 'libtensorflow']) assert.ok(versions[name], `no version of ${name}`);
    assert.ok(Number(hardware.cores) > 0);
    const told = (await events).map(({ name, data }) => (name === 'status' ? (data as StatusEvent).status : name));
    assert.deepEqual(
      told.filter((name) => !['progress', 'finding'].includes(name)),
      ['queued', 'running', 'succeeded'],
    );
    assert.equal(told.filter((name) => name === 'finding').length, report.findings.length);
  });

  it('has a per-sample table that is the same in every form', async () => {
    const rows = await client.samples(finished.id);
    assert.equal(rows.length, 400);
    const { columns } = (await client.report(finished.id)).samples;
    assert.deepEqual(Object.keys(rows[0]!), columns);
    for (const column of ['lira', 'rmia', 'loss', 'difficulty.privacyLoss', 'difficulty.loss'])
      assert.ok(columns.includes(column), column);
    const get = async (accept: string) => {
      const response = await client.send(`/v1/audits/${finished.id}/samples`, { headers: { accept } });
      assert.equal(response.headers.get('content-type')?.split(';')[0], accept);
      return response.arrayBuffer();
    };
    const text = async (accept: string) => new TextDecoder().decode(await get(accept)).trimEnd();
    const ndjson = (await text('application/x-ndjson')).split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(ndjson, rows);
    const [header, ...lines] = (await text('text/csv')).split('\r\n').map((line) => line.split(','));
    assert.deepEqual(header, columns);
    assert.deepEqual(
      lines,
      rows.map((row) => columns.map((column) => String(row[column] ?? ''))),
    );
    const parquet = await parquetReadObjects({ file: await get('application/vnd.apache.parquet') });
    assert.deepEqual(
      parquet.map((row) => columns.map((column) => row[column] ?? null)),
      rows.map((row) => columns.map((column) => row[column] ?? null)),
    );
  });

  it('has a report page that needs nothing from elsewhere', async () => {
    const byPath = await (await client.send(`/v1/audits/${finished.id}/report.html`)).text();
    const response = await client.send(`/v1/audits/${finished.id}/report`, { headers: { accept: 'text/html' } });
    const page = await response.text();
    assert.equal(page, byPath);
    assert.match(page, /^<!doctype html>/i);
    assert.match(page, /<\/html>\s*$/i);
    assert.equal(page.match(/<html/gi)?.length, 1);
    assert.doesNotMatch(page, /<(?:link|iframe|object|embed|base)\b/i);
    assert.doesNotMatch(page, /\b(?:src|srcset|action|poster)\s*=/i);
    assert.doesNotMatch(page, /url\((?!["']?(?:#|data:))|@import/i);
    assert.match(page, /<svg/);
    assert.match(page, new RegExp(finished.id));
  });

  it('answers 304 to whoever has seen it', async () => {
    for (const path of [`/v1/audits/${finished.id}`, `/v1/audits/${finished.id}/report`]) {
      const first = await client.send(path);
      await first.text();
      const tag = first.headers.get('etag');
      assert.ok(tag, path);
      const second = await client.send(path, { headers: { 'if-none-match': tag } });
      assert.equal(second.status, 304, path);
      assert.equal(await second.text(), '');
    }
  });

  it('is audited again with the same numbers and without being trained or scored again', async () => {
    // What tasks took is looked up every few seconds.
    const dry = await until('an estimate', async (): Promise<Preflight | undefined> => {
      const answer = await client.dryRun(request);
      return answer.estimate.seconds === null ? undefined : answer;
    });
    assert.equal(dry.estimate.tasks, 1);
    const again = await succeed(client, (await client.submit(request)).id);
    assert.notEqual(again.id, finished.id);
    assert.deepEqual(tasksRun(again.id), ['write-report']);
    assert.deepEqual(numbersOf(await client.report(again.id)), numbersOf(await client.report(finished.id)));
    assert.deepEqual(await client.samples(again.id), await client.samples(finished.id));
  });

  it('is followed by long poll and by events, each event once even when the connection breaks', async () => {
    const submitted = await client.submit({ ...request, seed: 8 });
    const first = receiveEvents(client, submitted.id, { enough: (events) => events.length >= 4 });
    const seen = await client.send(`/v1/audits/${submitted.id}`);
    await seen.text();
    const waited = await client.send(`/v1/audits/${submitted.id}?wait=30`, {
      headers: { 'if-none-match': seen.headers.get('etag')! },
    });
    assert.equal(waited.status, 200);
    assert.notEqual(waited.headers.get('etag'), seen.headers.get('etag'));
    assert.equal(waited.headers.get('retry-after'), '1');
    audit.parse(await waited.json());

    const before = await first;
    const rest = await receiveEvents(client, submitted.id, { after: before.at(-1)!.id });
    const whole = await receiveEvents(client, submitted.id);
    assert.deepEqual([...before, ...rest], whole);
    assert.deepEqual(
      whole.map(({ id }) => id),
      whole.map((_, index) => index + 1),
    );
    assert.deepEqual(await receiveEvents(client, submitted.id, { after: whole.at(-1)!.id }), []);
    assert.equal((await client.audit(submitted.id)).status, 'succeeded');
  });

  it('is audited once by a request that is sent twice under one idempotency key', async () => {
    const headers = { 'idempotency-key': 'release-7' };
    const cheap = { ...request, tests: { membership: { attacks: ['loss' as const] } } };
    const [first, second] = await Promise.all([client.submit(cheap, headers), client.submit(cheap, headers)]);
    assert.equal(first.id, second.id);
    const other = await client.send('/v1/audits', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ ...cheap, seed: 9 }),
    });
    assert.equal(other.status, 409);
    assert.equal(problem.parse(await other.json()).code, 'ENG_IDEMPOTENCY_CONFLICT');
    await succeed(client, first.id);
  });
});

describe('a classifier whose members and non-members are of different classes', () => {
  it('is not called leaky: the blind gate says why, and no finding claims membership', async () => {
    const all = blobs(400, 4, { distance: 3 });
    const trainedOn = ofClasses(all, [0, 1]);
    const model = await client.uploadModel(trainedClassifier(trainedOn));
    const members = await client.uploadDataset(uploadOf('two classes', trainedOn));
    const nonMembers = await client.uploadDataset(uploadOf('the other two', ofClasses(all, [2, 3])));
    const submitted = await client.submit({
      model: model.id,
      data: { members: members.id, nonMembers: nonMembers.id },
      tests: { membership: { attacks: ['lira', 'loss'], referenceModels: { count: 4 } } },
    });
    await succeed(client, submitted.id);
    const report = await client.report(submitted.id);
    assert.equal(report.verdict, 'invalid');
    assert.equal(report.membership?.verdict, 'invalid');
    const blind = report.membership?.gates.find(({ gate }) => gate === 'blindBaseline');
    assert.equal(blind?.outcome, 'fail');
    assert.deepEqual(
      report.findings.map(({ id }) => id),
      ['membership.gate.blindBaseline'],
    );
  });
});

describe('a classifier some of whose non-members are members', () => {
  it('is told how many, and is not called leaky on them', async () => {
    const trainedOn = blobs(200, 1);
    const others = blobs(160, 5);
    const model = await client.uploadModel(trainedClassifier(trainedOn));
    const members = await client.uploadDataset(uploadOf('members', trainedOn));
    const mixed = {
      ...others,
      inputs: Float32Array.from([...others.inputs, ...trainedOn.inputs.subarray(0, 40 * trainedOn.width)]),
      labels: Int32Array.from([...others.labels, ...trainedOn.labels.subarray(0, 40)]),
    };
    const nonMembers = await client.uploadDataset(uploadOf('non-members', mixed));
    const submitted = await client.submit({
      model: model.id,
      data: { members: members.id, nonMembers: nonMembers.id },
      tests: { membership: { attacks: ['loss'], referenceModels: { count: 0 } } },
    });
    await succeed(client, submitted.id);
    const report = await client.report(submitted.id);
    assert.deepEqual([report.verdict, report.membership?.verdict], ['invalid', 'invalid']);
    const shared = report.membership?.gates.find(({ gate }) => gate === 'sharedSamples');
    assert.equal(shared?.outcome, 'fail');
    assert.match(shared!.statement, /40 of 200 non-members equal a member.*Remove them from the non-members/);
    assert.ok(shared?.measured.status === 'measured' && shared.measured.value === 0.2);
    assert.deepEqual(
      report.findings.map(({ id }) => id),
      ['membership.gate.sharedSamples'],
    );
  });
});

describe('a language model that knows its training texts by heart', () => {
  it('is audited for membership, extraction and exposure', async () => {
    const [known, unknown] = [sentences(40, 1), sentences(40, 2)];
    const planted = canaries(24, 4, 3);
    const texts = [...known, ...planted.flatMap(({ text, repetitions }) => Array<string>(repetitions).fill(text))];
    const model = await client.uploadModel(await trainedLanguageModel(texts));
    const rows = (all: readonly string[]) => all.map((text) => ({ text }));
    const members = await client.uploadDataset(linesOf('members', rows(known)));
    const nonMembers = await client.uploadDataset(linesOf('non-members', rows(unknown)));
    const secrets = await client.uploadDataset(linesOf('canaries', planted));
    const submitted = await client.submit({
      model: model.id,
      data: { members: members.id, nonMembers: nonMembers.id, canaries: secrets.id },
      tests: {
        membership: { attacks: ['loss'] },
        extraction: {
          attacks: [
            { attack: 'prefixSuffix', prefixTokens: 12, suffixTokens: 12 },
            { attack: 'exposure', length: 3 },
          ],
        },
      },
    });
    await succeed(client, submitted.id);
    const report = await client.report(submitted.id);
    assert.equal(report.verdict, 'leak');
    const { prefixSuffix, exposure } = report.extraction!;
    assert.equal(prefixSuffix?.records, 40);
    assert.equal(prefixSuffix?.controls, 40);
    assert.equal(prefixSuffix?.labels.memorized.status, 'measured');
    assert.equal(exposure?.estimator, 'exact');
    assert.equal(exposure?.nullCheck.outcome, 'pass');
    const bits = (repetitions: number) => {
      const level = exposure?.byRepetitions.find((each) => each.repetitions === repetitions);
      return level?.exposureBits.status === 'measured' ? level.exposureBits.value : Number.NaN;
    };
    assert.ok(bits(4) > bits(0) + 2, `${bits(4)} bits planted, ${bits(0)} never`);
    const table = await client.samples(submitted.id);
    assert.equal(table.length, 80);
    assert.ok('suffixLogProbability.greedy' in table[0]!, Object.keys(table[0]!).join());
  });
});
