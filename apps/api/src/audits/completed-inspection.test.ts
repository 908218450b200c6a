import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dataset as datasetSchema, problem } from '@engram/contract';
import { npy } from '@engram/datasets/testing';
import type { StoredDataset } from '@engram/domain';
import type { ItemRecord } from '@engram/storage';
import { type ApiUnderTest, openApiUnderTest, post, postUpload } from '../testing/api-under-test.js';
import { outputsDataset } from '../testing/files.js';

const samples = 200;
const models = 4;
let api: ApiUnderTest;
before(async () => {
  api = await openApiUnderTest();
});
after(() => api.close());

/** Uploads losses of a target and of reference models whose masks are `mask(model, member)`. */
async function givenMasks(mask: (model: number, sample: number) => number): Promise<string> {
  const { manifest, files } = outputsDataset(samples) as { manifest: { fields: object }; files: object };
  const pairs = Array.from({ length: models * samples }, (_, at) => [Math.floor(at / samples), at % samples] as const);
  const response = await postUpload(
    api.server.app,
    '/v1/datasets',
    {
      ...manifest,
      fields: { ...manifest.fields, referenceLoss: { file: 'r.npy' }, referenceMember: { file: 'in.npy' } },
    },
    {
      ...files,
      'r.npy': npy(
        Float64Array.from(pairs, ([model, sample]) => 1 + Math.sin(model + sample)),
        [models, samples],
      ),
      'in.npy': npy(
        Uint8Array.from(pairs, ([model, sample]) => mask(model, sample)),
        [models, samples],
      ),
    },
  );
  assert.equal(response.statusCode, 201, response.body);
  return datasetSchema.parse(response.json()).id;
}

/** Makes the record what it would be had it been written before masks were counted at upload. */
async function forgetInclusion(id: string): Promise<void> {
  const record = await api.records.datasets.get('default', id);
  const { inclusion, ...inspected } = record.stored.inspected;
  assert.notEqual(inclusion, undefined);
  const write = record as { -readonly [K in keyof ItemRecord<StoredDataset>]: ItemRecord<StoredDataset>[K] };
  write.stored = { ...record.stored, inspected };
  assert.equal((await api.records.datasets.get('default', id)).stored.inspected.inclusion, undefined);
}

const dryRun = (auditSet: string) =>
  post(api.server.app, '/v1/audits?dryRun=true', {
    data: { auditSet },
    tests: { membership: { attacks: ['rmia'] } },
  });

test('masks that give members away are refused in a dataset from before they were counted, as in one from today', async () => {
  // Members are the odd samples: they are in every model, the others in none.
  const id = await givenMasks((_, sample) => sample % 2);
  const today = problem.parse((await dryRun(id)).json());
  assert.equal(today.code, 'ENG_ATTACK_NOT_APPLICABLE');
  await forgetInclusion(id);
  const { requestId: _ours, ...earlier } = problem.parse((await dryRun(id)).json());
  const { requestId: _theirs, ...expected } = today;
  assert.deepEqual(earlier, expected);
});

test('masks that say nothing of membership go on working in a dataset from before they were counted', async () => {
  const id = await givenMasks((model, sample) => (Math.floor(sample / 2) + model) % 2);
  const today = await dryRun(id);
  assert.equal(today.statusCode, 200, today.body);
  await forgetInclusion(id);
  assert.deepEqual((await dryRun(id)).json(), today.json());
});
