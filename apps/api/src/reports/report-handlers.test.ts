import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { problem, report, samplePage } from '@engram/contract';
import { parquetReadObjects } from 'hyparquet';
import { type ApiUnderTest, givenOutputs, openApiUnderTest, post } from '../testing/api-under-test.js';
import { giveReport } from '../testing/workers.js';

const samples = 1234;
let api: ApiUnderTest;
let links: { self: string; report: string; reportHtml: string; samples: string };
let unfinished: typeof links;
before(async () => {
  api = await openApiUnderTest();
  const dataset = await givenOutputs(api.server.app);
  const body = { data: { auditSet: dataset }, tests: { membership: { attacks: ['loss'] } } };
  const accepted = (await post(api.server.app, '/v1/audits', body)).json();
  unfinished = (await post(api.server.app, '/v1/audits', body)).json().links;
  links = accepted.links;
  await giveReport(api, accepted.id, samples);
});
after(() => api.close());

function get(url: string, accept?: string) {
  return api.server.app.inject({ url, headers: accept === undefined ? {} : { accept } });
}

test('the report comes as JSON unless a page is preferred', async () => {
  for (const accept of [undefined, '*/*', 'application/json', 'text/html;q=0.5, application/json']) {
    const response = await get(links.report, accept);
    assert.match(String(response.headers['content-type']), /^application\/json/, accept);
    assert.equal(report.parse(response.json()).verdict, 'leak');
  }
});

test('the report comes as a page to browsers and under its own path', async () => {
  const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
  for (const response of [await get(links.report, browser), await get(links.reportHtml)]) {
    assert.equal(response.statusCode, 200, response.body);
    assert.match(String(response.headers['content-type']), /^text\/html/);
    assert.match(String(response.headers['content-security-policy']), /default-src 'none'/);
    assert.match(response.body, /^<!doctype html>/i);
  }
});

test('an audit without a report says so', async () => {
  for (const url of [unfinished.report, unfinished.reportHtml, unfinished.samples]) {
    const response = await get(url);
    assert.equal(response.statusCode, 404);
    assert.equal(problem.parse(response.json()).code, 'ENG_REPORT_NOT_READY');
  }
});

test('a finished audit carries verdict and findings', async () => {
  const audit = (await get(links.self)).json();
  assert.equal(audit.status, 'succeeded');
  assert.equal(audit.verdict, 'leak');
  assert.equal(audit.findings.length, 1);
  assert.equal(audit.progress.done, audit.progress.total);
  assert.ok(audit.finishedAt >= audit.createdAt);
});

test('the table is paged through as JSON, each row once', async () => {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const url: string = `${links.samples}?limit=500${cursor === null ? '' : `&cursor=${cursor}`}`;
    const page = samplePage.parse((await get(url)).json());
    assert.equal(page.count, samples);
    ids.push(...page.items.map(({ sampleId }) => sampleId));
    cursor = page.nextCursor;
  } while (cursor !== null);
  assert.equal(ids.length, samples);
  assert.equal(new Set(ids).size, samples);
});

test('a cursor of something else is refused', async () => {
  const response = await get(`${links.samples}?cursor=abc`);
  assert.equal(response.statusCode, 400);
  assert.deepEqual(
    problem.parse(response.json()).errors.map(({ pointer }) => pointer),
    ['?cursor'],
  );
});

test('the table streams whole as CSV, quoted where it must be', async () => {
  const response = await get(links.samples, 'text/csv');
  assert.match(String(response.headers['content-type']), /^text\/csv/);
  assert.match(String(response.headers['content-disposition']), /samples\.csv/);
  const lines = response.body.split('\r\n');
  assert.equal(lines[0], 'sampleId,dataset,index,label,member,loss');
  assert.equal(lines[1], 's0,auditSet,0,0,0,0');
  assert.equal(lines[2], `"comma, ""quote""\nline",auditSet,1,1,1,${-1 / 7}`);
  assert.equal(lines[3], `s2,auditSet,2,,0,${-2 / 7}`);
  assert.equal(lines.length, samples + 2);
});

test('the table streams whole as JSON lines', async () => {
  const response = await get(links.samples, 'application/x-ndjson');
  const rows = response.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(rows.length, samples);
  assert.deepEqual(rows[2], { sampleId: 's2', dataset: 'auditSet', index: 2, label: null, member: 0, loss: -2 / 7 });
});

test('the table streams whole as Parquet, with the same values', async () => {
  const response = await get(links.samples, 'application/vnd.apache.parquet');
  assert.equal(response.headers['content-type'], 'application/vnd.apache.parquet');
  const bytes = response.rawPayload;
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const rows = await parquetReadObjects({ file });
  assert.equal(rows.length, samples);
  assert.deepEqual(rows[1], {
    sampleId: 'comma, "quote"\nline',
    dataset: 'auditSet',
    index: 1,
    label: 1,
    member: 1,
    loss: -1 / 7,
  });
  assert.equal(rows[2]?.label ?? null, null);
});
