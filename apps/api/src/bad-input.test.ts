import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { problem } from '@engram/contract';
import { npy, tarOf, zipOf } from '@engram/datasets/testing';
import type { ErrorCode } from '@engram/domain';
import type { LightMyRequestResponse } from 'fastify';
import { type ApiUnderTest, openApiUnderTest, post, postUpload } from './testing/api-under-test.js';
import { denseModel, outputsDataset } from './testing/files.js';

/** What must be refused: how it is sent, the codes it may be refused with, and what the problem must point at. */
interface BadInput {
  readonly title: string;
  readonly send: () => Promise<LightMyRequestResponse>;
  readonly code: ErrorCode;
  readonly pointer: RegExp;
  /** What the detail must say. */
  readonly says?: RegExp;
  readonly status?: number;
}

const samples = 400;
let api: ApiUnderTest;
const ids: Record<string, string> = {};

before(async () => {
  api = await openApiUnderTest({ uploadBytes: 300 * 2 ** 20 });
  const { app } = api.server;
  const keep = async (name: string, sent: Promise<LightMyRequestResponse>) => {
    const response = await sent;
    assert.equal(response.statusCode, 201, `${name}: ${response.body}`);
    ids[name] = response.json().id;
  };
  const manifest = { name: 'dense', kind: 'tfjs-layers', output: 'logits' };
  await keep('model', postUpload(app, '/v1/models', manifest, denseModel(4, 3)));
  const outputs = outputsDataset(samples);
  await keep('outputs', postUpload(app, '/v1/datasets', outputs.manifest, outputs.files));
  await keep('certain', certainOutputs());
  for (const name of ['members', 'nonMembers']) await keep(name, images(name, [samples, 4]));
  await keep('wide', images('wide', [samples, 5]));
  await keep('cubes', images('cubes', [samples, 2, 2, 2]));
  await keep('manyClasses', images('manyClasses', [samples, 4], 9));
});
after(() => api.close());

function images(name: string, shape: readonly number[], classes = 3) {
  const size = shape.reduce((product, each) => product * each, 1);
  const x = Float32Array.from({ length: size }, (_, i) => Math.sin(i + name.length));
  const y = Int32Array.from({ length: shape[0] as number }, (_, i) => i % classes);
  return dataset(
    { input: { file: 'x.npy' }, label: { file: 'y.npy' } },
    { 'x.npy': npy(x, shape), 'y.npy': npy(y) },
    name,
  );
}

/** Recorded probabilities, every tenth row of which leaves one class everything, and those of eight reference models. */
function certainOutputs() {
  const models = 8;
  const row = (i: number) => (i % 10 === 0 ? [1, 0] : [0.6, 0.4]);
  const files = {
    'p.npy': npy(
      Float64Array.from({ length: 2 * samples }, (_, k) => row(k >> 1)[k & 1] as number),
      [samples, 2],
    ),
    'y.npy': npy(Int32Array.from({ length: samples }, (_, i) => i & 1)),
    'm.npy': npy(Uint8Array.from({ length: samples }, (_, i) => i & 1)),
    'rp.npy': npy(new Float64Array(2 * models * samples).fill(0.5), [models, samples, 2]),
    'rm.npy': npy(
      Uint8Array.from({ length: models * samples }, (_, k) => (k + Math.floor(k / samples)) % 2),
      [models, samples],
    ),
  };
  const fields = Object.fromEntries(
    Object.entries({
      probabilities: 'p',
      label: 'y',
      member: 'm',
      referenceProbabilities: 'rp',
      referenceMember: 'rm',
    }).map(([field, file]) => [field, { file: `${file}.npy` }]),
  );
  return dataset(fields, files, 'certain');
}

function dataset(fields: object, files: Record<string, Uint8Array>, name = 'bad') {
  return postUpload(api.server.app, '/v1/datasets', { name, format: 'npy', fields }, files);
}

function model(files: Record<string, Uint8Array>, kind = 'tfjs-layers') {
  return postUpload(api.server.app, '/v1/models', { name: 'bad', kind }, files);
}

function outputs(change: Record<string, Uint8Array>) {
  const { manifest, files } = outputsDataset(samples);
  return postUpload(api.server.app, '/v1/datasets', manifest, { ...files, ...change });
}

function audit(data: Record<string, string | undefined>, membership: object = { attacks: ['loss'] }, model?: string) {
  const body = { data, tests: { membership }, ...(model === undefined ? {} : { model }) };
  return post(api.server.app, '/v1/audits', body);
}

function layersModel(change: (layer: { class_name: string; config: Record<string, unknown> }) => void) {
  const files = denseModel(4, 3);
  const document = JSON.parse(new TextDecoder().decode(files['model.json']));
  change(document.modelTopology.config.layers[0]);
  return model({ ...files, 'model.json': bytesOf(JSON.stringify(document)) });
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function half(bytes: Uint8Array | undefined): Uint8Array {
  assert.ok(bytes !== undefined);
  return bytes.slice(0, bytes.length / 2);
}

/** A float array of one bad value in rows 7 and 9. */
function spoilt(value: number): Uint8Array {
  return npy(Float64Array.from({ length: samples }, (_, i) => (i === 7 || i === 9 ? value : 1)));
}

function served(headers: Record<string, string>, payload: string, url: string) {
  return api.server.app.inject({ method: 'POST', url, payload, headers });
}

const json = { 'content-type': 'application/json' };

const badInputs: readonly BadInput[] = [
  {
    title: 'an audit that is not JSON',
    send: () => served(json, '{"data":', '/v1/audits'),
    code: 'ENG_REQUEST_INVALID',
    pointer: /^$/,
  },
  {
    title: 'a manifest that is not JSON',
    send: () => postUpload(api.server.app, '/v1/datasets', '{"name":', outputsDataset(samples).files),
    code: 'ENG_MANIFEST_INVALID',
    pointer: /^$/,
  },
  {
    title: 'a manifest with an unknown field',
    send: () => postUpload(api.server.app, '/v1/models', { name: 'm', kind: 'onnx', colour: 1 }, {}),
    code: 'ENG_MANIFEST_INVALID',
    pointer: /colour|^$/,
  },
  {
    title: 'a manifest that names a file that was not sent',
    send: () => dataset({ loss: { file: 'absent.npy' } }, { 'loss.npy': spoilt(1) }),
    code: 'ENG_MANIFEST_INVALID',
    pointer: /^\/fields\/loss\/file$/,
  },
  {
    title: 'files before the manifest',
    send: () =>
      served(
        { 'content-type': 'multipart/form-data; boundary=b' },
        '--b\r\nContent-Disposition: form-data; name="files"; filename="x.npy"\r\n\r\nabc\r\n--b--\r\n',
        '/v1/datasets',
      ),
    code: 'ENG_REQUEST_INVALID',
    pointer: /^\/manifest$/,
  },
  {
    title: 'two files of one path',
    send: () =>
      served(
        { 'content-type': 'multipart/form-data; boundary=b' },
        [
          '--b\r\nContent-Disposition: form-data; name="manifest"\r\n',
          JSON.stringify(outputsDataset(samples).manifest),
          ...['1', '2'].map(
            (text) => `--b\r\nContent-Disposition: form-data; name="files"; filename="x.npy"\r\n\r\n${text}`,
          ),
          '--b--\r\n',
        ].join('\r\n'),
        '/v1/datasets',
      ),
    code: 'ENG_REQUEST_INVALID',
    pointer: /^x\.npy$/,
  },
  {
    title: 'an upload that ends in the middle of a file',
    send: () =>
      served(
        { 'content-type': 'multipart/form-data; boundary=b' },
        `--b\r\nContent-Disposition: form-data; name="manifest"\r\n\r\n${JSON.stringify(outputsDataset(samples).manifest)}\r\n--b\r\nContent-Disposition: form-data; name="files"; filename="loss.npy"\r\n\r\nabc`,
        '/v1/datasets',
      ),
    code: 'ENG_REQUEST_INVALID',
    pointer: /^$/,
  },
  {
    title: 'a form without a boundary',
    send: () => served({ 'content-type': 'multipart/form-data' }, 'x', '/v1/models'),
    code: 'ENG_REQUEST_INVALID',
    pointer: /^$/,
  },
  {
    title: 'a model of JSON alone, served elsewhere',
    send: () => post(api.server.app, '/v1/models', { name: 'm', kind: 'openai-compatible', url: 'http://x' }),
    code: 'ENG_MODEL_UNSUPPORTED',
    pointer: /^\/kind$/,
  },
  {
    title: 'an unknown attack',
    send: () => audit({ auditSet: ids.outputs }, { attacks: ['loss', 'guess'] }),
    code: 'ENG_REQUEST_INVALID',
    pointer: /^\/tests\/membership\/attacks\/1/,
    says: /loss.*lira/,
  },
  {
    title: 'an attack that needs what the data do not have',
    send: () => audit({ auditSet: ids.outputs }, { attacks: ['lira'] }),
    code: 'ENG_ATTACK_NOT_APPLICABLE',
    pointer: /^\/tests\/membership\/attacks\/0/,
  },
  {
    title: 'inputs of another width than the model takes',
    send: () => audit({ members: ids.members, nonMembers: ids.wide }, undefined, ids.model),
    code: 'ENG_DATA_MODEL_MISMATCH',
    pointer: /^\/data\/nonMembers/,
    says: /5.*4|4.*5/,
  },
  {
    title: 'inputs of another rank than the model takes',
    send: () => audit({ members: ids.cubes, nonMembers: ids.nonMembers }, undefined, ids.model),
    code: 'ENG_DATA_MODEL_MISMATCH',
    pointer: /^\/data\/members/,
  },
  {
    title: 'more classes than the model has',
    send: () => audit({ members: ids.manyClasses, nonMembers: ids.nonMembers }, undefined, ids.model),
    code: 'ENG_LABEL_OUT_OF_RANGE',
    pointer: /^\/data\/members/,
    says: /8.*3|3.*8/,
  },
  {
    title: 'probabilities that are certain, for an attack that compares confidences',
    send: () => audit({ auditSet: ids.certain }, { attacks: ['lira'] }),
    code: 'ENG_SATURATED_OUTPUTS',
    pointer: /^\/data\/auditSet$/,
    says: /probabilities: 40 of 400 rows/,
  },
  {
    title: 'a list of members to be certified with nothing set aside',
    send: () => audit({ auditSet: ids.outputs }, { attacks: ['loss'], certify: {} }),
    code: 'ENG_REQUEST_INVALID',
    pointer: /^\/tests\/membership\/certify$/,
  },
  {
    title: 'a false positive rate below what the samples can show',
    send: () => audit({ auditSet: ids.outputs }, { attacks: ['loss'], fpr: [0.1, 1e-6] }),
    code: 'ENG_INSUFFICIENT_SAMPLES',
    pointer: /^\/tests\/membership\/fpr\/1$/,
  },
  {
    title: 'a member field with one class',
    send: () => outputs({ 'member.npy': npy(new Uint8Array(samples).fill(1)) }),
    code: 'ENG_ONE_CLASS_ONLY',
    pointer: /^\/fields\/member/,
  },
  {
    title: 'NaN in a field',
    send: () => outputs({ 'loss.npy': spoilt(Number.NaN) }),
    code: 'ENG_VALUES_NOT_FINITE',
    pointer: /^\/fields\/loss/,
    says: /2 .*row 7/,
  },
  {
    title: 'infinity in a field',
    send: () => outputs({ 'loss.npy': spoilt(Number.POSITIVE_INFINITY) }),
    code: 'ENG_VALUES_NOT_FINITE',
    pointer: /^\/fields\/loss/,
    says: /2 .*row 7/,
  },
  {
    title: 'a negative label',
    send: () =>
      dataset(
        { input: { file: 'x.npy' }, label: { file: 'y.npy' } },
        {
          'x.npy': npy(new Float32Array(samples * 2).fill(1), [samples, 2]),
          'y.npy': npy(new Int32Array(samples).fill(-1)),
        },
      ),
    code: 'ENG_LABEL_OUT_OF_RANGE',
    pointer: /^\/fields\/label/,
  },
  {
    title: 'fields of different length',
    send: () => outputs({ 'member.npy': npy(Uint8Array.from({ length: samples + 1 }, (_, i) => i % 2)) }),
    code: 'ENG_FIELDS_INCONSISTENT',
    pointer: /^\/fields\//,
  },
  {
    title: 'a truncated npy file',
    send: () => outputs({ 'loss.npy': half(outputsDataset(samples).files['loss.npy']) }),
    code: 'ENG_FILE_TRUNCATED',
    pointer: /^\/fields\/loss\/file$/,
  },
  {
    title: 'a file that is no npy file',
    send: () => outputs({ 'loss.npy': bytesOf('loss\n0.1\n') }),
    code: 'ENG_FILE_UNREADABLE',
    pointer: /^\/fields\/loss\/file$/,
  },
  {
    title: 'truncated JSON of a model',
    send: () => model({ ...denseModel(4, 3), 'model.json': half(denseModel(4, 3)['model.json']) }),
    code: 'ENG_FILE_UNREADABLE',
    pointer: /^model\.json$/,
  },
  {
    title: 'truncated weights',
    send: () => model({ ...denseModel(4, 3), 'weights.bin': half(denseModel(4, 3)['weights.bin']) }),
    code: 'ENG_FILE_TRUNCATED',
    pointer: /^weights\.bin$/,
  },
  {
    title: 'NaN among the weights',
    send: () =>
      model({ ...denseModel(4, 3), 'weights.bin': new Uint8Array(new Float32Array(15).fill(Number.NaN).buffer) }),
    code: 'ENG_VALUES_NOT_FINITE',
    pointer: /^/,
  },
  {
    title: 'a Lambda layer',
    send: () =>
      layersModel((layer) => {
        layer.class_name = 'Lambda';
      }),
    code: 'ENG_MODEL_UNSAFE',
    pointer: /^model\.json$/,
  },
  {
    title: 'an unknown layer',
    send: () =>
      layersModel((layer) => {
        layer.class_name = 'QuantumDense';
      }),
    code: 'ENG_MODEL_UNSUPPORTED',
    pointer: /^model\.json$/,
    says: /QuantumDense/,
  },
  {
    title: 'a truncated ONNX file',
    // A protobuf field of 100 bytes (number 7, the graph) of which four are there.
    send: () => model({ 'model.onnx': Uint8Array.of(0x08, 0x08, 0x3a, 0x64, 1, 2, 3, 4) }, 'onnx'),
    code: 'ENG_FILE_UNREADABLE',
    pointer: /^model\.onnx$/,
  },
  {
    title: 'a path that leaves its folder',
    send: () => outputs({ '../loss.npy': spoilt(1) }),
    code: 'ENG_ARCHIVE_UNSAFE',
    pointer: /^/,
  },
  {
    title: 'an absolute path',
    send: () => outputs({ '/etc/loss.npy': spoilt(1) }),
    code: 'ENG_ARCHIVE_UNSAFE',
    pointer: /^/,
  },
  {
    title: 'a path that leaves its folder inside an archive',
    send: () => outputs({ 'all.tar': tarOf({ 'a.npy': spoilt(1), '../b.npy': spoilt(1) }) }),
    code: 'ENG_ARCHIVE_UNSAFE',
    pointer: /^all\.tar$/,
  },
  {
    title: 'a path that leaves its folder inside a zip',
    send: () => outputs({ 'all.zip': zipOf({ 'a.npy': spoilt(1), '../b.npy': spoilt(1) }) }),
    code: 'ENG_ARCHIVE_UNSAFE',
    pointer: /^all\.zip$/,
  },
  {
    title: 'an archive that unpacks to a thousand times its size',
    send: () => outputs({ 'bomb.zip': zipOf({ 'zeros.npy': new Uint8Array(100 * 2 ** 20) }) }),
    code: 'ENG_ARCHIVE_UNSAFE',
    pointer: /^bomb\.zip$/,
  },
  {
    title: 'a truncated archive',
    send: () => outputs({ 'all.zip': half(zipOf(outputsDataset(samples).files)) }),
    code: 'ENG_FILE_TRUNCATED',
    pointer: /^all\.zip$/,
  },
];

for (const { title, send, code, pointer, says, status } of badInputs)
  test(`${title} is refused with pointer and remedy, and nothing is left behind`, async () => {
    const before = { artifacts: await api.stored(), bytes: await api.storedBytes(), counts: counts() };
    await refused(await send(), { code, pointer, says, status });
    assert.deepEqual({ artifacts: await api.stored(), bytes: await api.storedBytes(), counts: counts() }, before);
  });

const stories = fileURLToPath(
  new URL(
    `${process.env.ENGRAM_SHARED_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname}/stories260k-lm/hf/`,
    'file:///',
  ),
);

test('truncated safetensors are refused', async (context) => {
  if (!existsSync(stories)) return context.skip(`no ${stories}`);
  const file = (name: string) => new Uint8Array(readFileSync(`${stories}${name}`));
  const before = { artifacts: await api.stored(), counts: counts() };
  const response = await model(
    {
      'config.json': file('config.json'),
      'tokenizer.json': file('tokenizer.json'),
      'model.safetensors': half(file('model.safetensors')),
    },
    'causal-lm',
  );
  await refused(response, { code: 'ENG_FILE_TRUNCATED', pointer: /^model\.safetensors$/ });
  assert.deepEqual({ artifacts: await api.stored(), counts: counts() }, before);
});

function counts() {
  return [api.records.recordedAudits.length, api.queue.enqueued.length];
}

async function refused(
  response: LightMyRequestResponse,
  {
    code,
    pointer,
    says,
    status,
  }: { code: ErrorCode; pointer: RegExp; says?: RegExp | undefined; status?: number | undefined },
): Promise<void> {
  assert.match(String(response.headers['content-type']), /^application\/problem\+json/, response.body);
  const body = problem.parse(response.json());
  assert.equal(body.code, code, response.body);
  assert.ok(body.status >= 400 && body.status < 500);
  assert.equal(response.statusCode, status ?? body.status);
  assert.ok(body.remedy.length > 10, body.remedy);
  assert.ok(body.errors.length > 0, `no pointer: ${response.body}`);
  assert.ok(
    body.errors.some((fault) => pointer.test(fault.pointer)),
    JSON.stringify(body.errors),
  );
  if (says !== undefined) assert.match(`${body.detail} ${JSON.stringify(body.errors)} ${body.remedy}`, says);
}
