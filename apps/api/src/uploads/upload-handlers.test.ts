import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dataset, model, problem } from '@engram/contract';
import { npy, tarOf, tgzOf, zipOf } from '@engram/datasets/testing';
import { type ApiUnderTest, openApiUnderTest, postUpload } from '../testing/api-under-test.js';
import { denseModel, outputsDataset } from '../testing/files.js';

let api: ApiUnderTest;
before(async () => {
  api = await openApiUnderTest();
});
after(() => api.close());

test('a model is stored and what was found inside is told', async () => {
  const manifest = { name: 'tiny', kind: 'tfjs-layers', output: 'logits' };
  const response = await postUpload(api.server.app, '/v1/models', manifest, denseModel(4, 3));
  assert.equal(response.statusCode, 201, response.body);
  const found = model.parse(response.json());
  assert.equal(response.headers.location, `/v1/models/${found.id}`);
  assert.equal(found.parameterCount, 15);
  assert.deepEqual(
    found.inputs.map(({ shape }) => shape),
    [[4]],
  );
  assert.equal(found.classCount, 3);
  assert.deepEqual(
    found.files.map(({ path }) => path),
    ['model.json', 'weights.bin'],
  );
  const again = await api.server.app.inject(found.links.self);
  assert.deepEqual(again.json(), found);
});

test('a dataset is read, its columns are kept and the uploaded files are not', async () => {
  const before = await api.stored();
  const { manifest, files } = outputsDataset(50);
  const response = await postUpload(api.server.app, '/v1/datasets', manifest, files);
  assert.equal(response.statusCode, 201, response.body);
  const found = dataset.parse(response.json());
  assert.equal(found.count, 50);
  assert.deepEqual(found.fields.loss, { ...found.fields.loss, kind: 'numeric', shape: [50] });
  assert.deepEqual([found.members, found.nonMembers], [25, 25]);
  const added = (await api.stored()).filter((digest) => !before.includes(digest));
  // Two columns, and the document that describes the dataset.
  assert.equal(added.length, 3);
});

for (const [name, pack] of Object.entries({
  'all.tar': tarOf,
  'all.tar.gz': tgzOf,
  'all.tgz': tgzOf,
  'all.zip': zipOf,
}))
  test(`${name} stands for the files in it`, async () => {
    const { manifest, files } = outputsDataset(30);
    const before = await api.stored();
    const response = await postUpload(api.server.app, '/v1/datasets', manifest, { [name]: pack(files) });
    assert.equal(response.statusCode, 201, response.body);
    const found = dataset.parse(response.json());
    assert.equal(found.count, 30);
    await api.server.app.inject({ method: 'DELETE', url: found.links.self });
    assert.deepEqual(await api.stored(), before);
  });

test('a refused upload leaves nothing behind, and spares what was there before', async () => {
  const { manifest, files } = outputsDataset(60);
  const good = await postUpload(api.server.app, '/v1/datasets', manifest, files);
  assert.equal(good.statusCode, 201);
  const before = await api.stored();
  const broken = { ...files, 'member.npy': npy(new Uint8Array(60)) };
  const response = await postUpload(api.server.app, '/v1/datasets', manifest, broken);
  assert.equal(response.statusCode, 422);
  assert.equal(problem.parse(response.json()).code, 'ENG_ONE_CLASS_ONLY');
  assert.deepEqual(await api.stored(), before);
});

test('two datasets may share columns: deleting one keeps the other whole', async () => {
  const { manifest, files } = outputsDataset(70);
  const first = dataset.parse((await postUpload(api.server.app, '/v1/datasets', manifest, files)).json());
  const second = dataset.parse((await postUpload(api.server.app, '/v1/datasets', manifest, files)).json());
  const before = await api.stored();
  assert.equal((await api.server.app.inject({ method: 'DELETE', url: first.links.self })).statusCode, 204);
  assert.equal((await api.stored()).length, before.length - 1);
  assert.equal((await api.server.app.inject({ method: 'DELETE', url: second.links.self })).statusCode, 204);
  // Its description goes with it, the columns stay until the second is gone too.
  assert.equal((await api.stored()).length, before.length - 4);
  assert.equal((await api.server.app.inject(first.links.self)).statusCode, 404);
});

test('a model deleted is gone with its files', async () => {
  const before = await api.stored();
  const manifest = { name: 'tiny', kind: 'tfjs-layers', output: 'logits' };
  const { links } = (await postUpload(api.server.app, '/v1/models', manifest, denseModel(5, 2))).json();
  assert.equal((await api.server.app.inject({ method: 'DELETE', url: links.self })).statusCode, 204);
  assert.deepEqual(await api.stored(), before);
  const again = await api.server.app.inject({ method: 'DELETE', url: links.self });
  assert.equal(problem.parse(again.json()).code, 'ENG_MODEL_NOT_FOUND');
});

test('lists come in pages, newest first, until the cursor is null', async () => {
  const manifest = { name: 'paged', kind: 'tfjs-layers', output: 'logits' };
  const ids: string[] = [];
  for (let width = 10; width < 15; width += 1)
    ids.unshift((await postUpload(api.server.app, '/v1/models', manifest, denseModel(width, 2))).json().id);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const url: string = `/v1/models?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`;
    const page = (await api.server.app.inject(url)).json();
    assert.ok(page.items.length <= 2);
    seen.push(...page.items.map((item: { id: string }) => item.id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  assert.deepEqual(seen.slice(0, 5), ids);
});
