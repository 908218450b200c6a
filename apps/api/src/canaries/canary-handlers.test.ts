import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dataset, plantedCanaries, problem } from '@engram/contract';
import { npy } from '@engram/datasets/testing';
import { sha256Hex } from '@engram/numeric';
import { type ApiUnderTest, openApiUnderTest, post, postUpload } from '../testing/api-under-test.js';

let api: ApiUnderTest;
before(async () => {
  api = await openApiUnderTest();
});
after(() => api.close());

const width = 4;

/** Samples of four numbers, no two equal. */
async function givenSamples(samples: number, classes: number): Promise<string> {
  const input = Float32Array.from({ length: samples * width }, (_, i) => Math.sin(i) + Math.floor(i / width));
  const label = Int32Array.from({ length: samples }, (_, i) => i % classes);
  const response = await postUpload(
    api.server.app,
    '/v1/datasets',
    { name: 'train', format: 'npy', fields: { input: { file: 'x.npy' }, label: { file: 'y.npy' } } },
    { 'x.npy': npy(input, [samples, width]), 'y.npy': npy(label) },
  );
  assert.equal(response.statusCode, 201, response.body);
  return response.json().id;
}

const plant = (body: object) => post(api.server.app, '/v1/canaries', body);

test('canaries are planted, downloaded, and uploaded again unchanged', async () => {
  const source = await givenSamples(10_000, 5);
  const response = await plant({ dataset: source, count: 100, seed: 1 });
  assert.equal(response.statusCode, 201, response.body);
  const planted = plantedCanaries.parse(response.json());
  const { canaries, trainingSet, coins } = planted;
  assert.equal(response.headers.location, canaries.links.self);
  assert.deepEqual([canaries.count, canaries.members, coins.leftOut], [100, coins.included, 100 - coins.included]);
  assert.equal(trainingSet.count, 9900 + coins.included);
  assert.equal(planted.howToUse.length, 4);
  for (const { id, manifest, count, digest } of [canaries, trainingSet]) {
    const content = await api.server.app.inject(`/v1/datasets/${id}/content`);
    assert.deepEqual([content.statusCode, content.headers['content-type']], [200, 'application/zip']);
    assert.equal(content.headers['content-disposition'], `attachment; filename="${id}.npz"`);
    const again = await postUpload(api.server.app, '/v1/datasets', manifest, { 'samples.npz': content.rawPayload });
    assert.equal(again.statusCode, 201, again.body);
    const found = dataset.parse(again.json());
    assert.deepEqual([found.count, found.digest], [count, digest]);
  }
});

test('the digest of the coins is that of the member column', async () => {
  const source = await givenSamples(10_000, 3);
  // As many as are planted by default: one in a hundred.
  const { canaries, coins } = plantedCanaries.parse((await plant({ dataset: source, seed: 2 })).json());
  const stored = await api.records.datasets.get('default', canaries.id);
  const { member } = stored.stored.inspected.fields;
  assert.equal(coins.sha256, sha256Hex(await api.store.read('default', member!.digest)));
});

test('deleting both datasets leaves nothing of them behind', async () => {
  const source = await givenSamples(10_100, 3);
  const before = await api.stored();
  const { canaries, trainingSet } = (await plant({ dataset: source, count: 101, seed: 3 })).json();
  for (const { links } of [canaries, trainingSet])
    assert.equal((await api.server.app.inject({ method: 'DELETE', url: links.self })).statusCode, 204);
  assert.deepEqual(await api.stored(), before);
});

test('two classes and a large share are told of', async () => {
  const source = await givenSamples(1000, 2);
  const { notices } = plantedCanaries.parse(
    (await plant({ dataset: source, count: 200, seed: 4, allowLargeShare: true })).json(),
  );
  for (const about of [/2 classes/, /200 canaries can show only small/, /% of the training samples are mislabelled/])
    assert.ok(
      notices.some((notice) => about.test(notice)),
      String(about),
    );
});

test('what cannot be planted is refused at the field, and leaves nothing behind', async () => {
  const source = await givenSamples(1000, 4);
  const outputs = await postUpload(
    api.server.app,
    '/v1/datasets',
    { name: 'losses', format: 'npy', fields: { loss: { file: 'l.npy' } } },
    { 'l.npy': npy(new Float64Array(1000).fill(0.5)) },
  );
  const before = await api.stored();
  for (const [body, status, code, pointer] of [
    [{ dataset: source, count: 100, seed: 1 }, 422, 'ENG_INSUFFICIENT_SAMPLES', '/count'],
    [{ dataset: source, count: 501, seed: 1, allowLargeShare: true }, 422, 'ENG_INSUFFICIENT_SAMPLES', '/count'],
    [{ dataset: source, count: 99, seed: 1 }, 400, 'ENG_REQUEST_INVALID', '/count'],
    [{ dataset: source, kind: 'optimised', seed: 1 }, 400, 'ENG_REQUEST_INVALID', '/kind'],
    [{ dataset: source }, 400, 'ENG_REQUEST_INVALID', '/seed'],
    [{ dataset: outputs.json().id, count: 100, seed: 1 }, 422, 'ENG_DATA_MODEL_MISMATCH', '/dataset'],
    [{ dataset: 'dst_nosuchset', count: 100, seed: 1 }, 404, 'ENG_DATASET_NOT_FOUND', '/dataset'],
  ] as const) {
    const response = await plant(body);
    const found = problem.parse(response.json());
    assert.deepEqual([found.status, found.code, found.errors?.[0].pointer], [status, code, pointer], response.body);
  }
  assert.deepEqual(await api.stored(), before);
});

test('texts are downloaded one JSON object a line, and come back the same', async () => {
  const texts = ['first', 'second "quoted"\nand broken', 'dritter – ünïcode'];
  const lines = texts.map((text) => JSON.stringify({ text })).join('\n');
  const uploaded = await postUpload(
    api.server.app,
    '/v1/datasets',
    { name: 'mails', format: 'jsonl', fields: { text: { column: 'text' } } },
    { 'mails.jsonl': new TextEncoder().encode(lines) },
  );
  assert.equal(uploaded.statusCode, 201, uploaded.body);
  const content = await api.server.app.inject(`/v1/datasets/${uploaded.json().id}/content`);
  const again = await postUpload(
    api.server.app,
    '/v1/datasets',
    { name: 'again', format: 'jsonl', fields: { text: { file: 'text.jsonl', column: 'text' } } },
    { 'all.zip': content.rawPayload },
  );
  assert.equal(again.statusCode, 201, again.body);
  assert.deepEqual([again.json().count, again.json().digest], [3, uploaded.json().digest]);
});

test('nothing is downloaded of a dataset that is not there', async () => {
  const response = await api.server.app.inject('/v1/datasets/dst_nosuchset/content');
  assert.equal(problem.parse(response.json()).code, 'ENG_DATASET_NOT_FOUND');
});
