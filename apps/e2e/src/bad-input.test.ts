import { after, before, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { npy, tarOf } from '@engram/datasets/testing';
import { blobs, type Samples, uploadOf } from './data/blobs.js';
import { trainedClassifier } from './data/classifier.js';
import { untrainedLanguageModel } from './data/language-model.js';
import type { Client, Upload } from './harness/client.js';
import { type Refusal, refuses } from './harness/refusal.js';
import { type Service, startService } from './harness/service.js';

interface BadInput extends Refusal {
  readonly title: string;
  readonly send: () => Promise<Response>;
}

const mebibyte = 2 ** 20;
const limitBytes = 128 * mebibyte;
const count = 200;
let service: Service;
let client: Client;
const ids: Record<string, string> = {};
const classifier = trainedClassifier(blobs(count, 1), { epochs: 1 });

before(async () => {
  service = await startService({ workers: 0, environment: { ENGRAM_UPLOAD_LIMIT: String(limitBytes) } });
  client = service.client();
  const keep = async (name: string, upload: Upload) => {
    ids[name] = (await client.uploadDataset(upload)).id;
  };
  ids.model = (await client.uploadModel(classifier)).id;
  await keep('members', uploadOf('members', blobs(count, 1)));
  await keep('nonMembers', uploadOf('non-members', blobs(count, 2)));
  await keep('wide', uploadOf('wide', blobs(count, 3, { width: 13 })));
  await keep('images', uploadOf('images', blobs(count, 3), [count, 3, 4]));
  await keep('oneLabel', uploadOf('one label', { ...blobs(count, 4), labels: new Int32Array(count) }));
  await keep(
    'leakyMasks',
    outputs({ member: halves, referenceMember: [halves, halves.map((mark) => 1 - mark), halves] }),
  );
  await keep('certain', outputs({ member: halves, referenceMember: [...crossing, ...crossing], certain: 11 }));
  await keep('manyClasses', uploadOf('many classes', blobs(count, 3, { classes: 9 })));
});
after(() => service?.stop());

function post(body: string): Promise<Response> {
  return client.send('/v1/audits', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

function audit(
  data: Record<string, string | undefined>,
  membership: object = { attacks: ['loss'] },
): Promise<Response> {
  return post(JSON.stringify({ model: ids.model, data, tests: { membership } }));
}

/** Every other sample is a member. */
const halves = Uint8Array.from({ length: count }, (_, i) => i % 2);
/** Half of the members and half of the others, then the rest of both. */
const crossing = [0, 1].map((which) => Uint8Array.from({ length: count }, (_, i) => Number((i >> 1) % 2 === which)));

interface Outputs {
  readonly member: Uint8Array;
  readonly losses?: Float64Array;
  readonly referenceLosses?: Float64Array;
  readonly referenceMember?: readonly Uint8Array[];
  /** Samples whose probabilities leave one class everything. */
  readonly certain?: number;
}

/** Recorded outputs of a target and of reference models; probabilities of three classes, or losses. */
function outputs({ member, losses = ones(count), referenceMember = crossing, certain, ...given }: Outputs): Upload {
  const models = referenceMember.length;
  const { referenceLosses = ones(models * count) } = given;
  const marks = referenceMember.flatMap((mask) => [...mask]);
  const arrays: Record<string, Uint8Array> = {
    member: npy(member),
    referenceMember: npy(Uint8Array.from(marks), [models, marks.length / models]),
  };
  if (certain === undefined) {
    arrays.loss = npy(losses);
    arrays.referenceLoss = npy(referenceLosses, [referenceLosses.length / count, count]);
  } else {
    const row = (sample: number) => (sample < certain ? [1, 0, 0] : [0.5, 0.25, 0.25]);
    arrays.probabilities = npy(Float64Array.from(range(count).flatMap(row)), [count, 3]);
    arrays.referenceProbabilities = npy(
      Float64Array.from(range(models).flatMap(() => range(count).flatMap(() => [0.5, 0.25, 0.25]))),
      [models, count, 3],
    );
    arrays.label = npy(new Int32Array(count));
  }
  const names = Object.keys(arrays);
  return {
    manifest: {
      name: 'outputs',
      format: 'npy',
      fields: Object.fromEntries(names.map((name) => [name, { file: `${name}.npy` }])),
    },
    files: Object.fromEntries(names.map((name) => [`${name}.npy`, arrays[name]!])),
  };
}

function ones(length: number): Float64Array {
  return new Float64Array(length).fill(1);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function upload(given: Outputs): Promise<Response> {
  return client.upload('/v1/datasets', outputs(given));
}

/** An audit of recorded outputs. */
function auditOutputs(dataset: string | undefined, membership: object): Promise<Response> {
  return post(JSON.stringify({ data: { auditSet: dataset }, tests: { membership } }));
}

/** The members once more, with something wrong. */
function samples(change: Partial<Samples>): Promise<Response> {
  return client.upload('/v1/datasets', uploadOf('bad', { ...blobs(count, 1), ...change }));
}

function dataset(files: Upload['files'], fields: object = { loss: { file: 'loss.npy' } }): Promise<Response> {
  return client.upload('/v1/datasets', { manifest: { name: 'bad', format: 'npy', fields }, files });
}

function model({ manifest, files }: Upload, change: Upload['files']): Promise<Response> {
  return client.upload('/v1/models', { manifest, files: { ...files, ...change } });
}

function layersModel(change: (layer: { class_name: string }) => void): Promise<Response> {
  const document = JSON.parse(new TextDecoder().decode(classifier.files['model.json']));
  change(document.modelTopology.config.layers[0]);
  return model(classifier, { 'model.json': new TextEncoder().encode(JSON.stringify(document)) });
}

function half(bytes: Uint8Array | undefined): Uint8Array {
  return bytes!.slice(0, bytes!.length / 2);
}

const losses = npy(ones(count));

const badInputs: readonly BadInput[] = [
  { title: 'an audit that is not JSON', send: () => post('{"data":'), code: 'ENG_REQUEST_INVALID', pointer: /^$/ },
  {
    title: 'an unknown attack',
    send: () => audit({ members: ids.members, nonMembers: ids.nonMembers }, { attacks: ['loss', 'guess'] }),
    code: 'ENG_REQUEST_INVALID',
    pointer: /^\/tests\/membership\/attacks\/1/,
    says: /loss.*lira/,
  },
  {
    title: 'inputs of another rank than the model takes',
    send: () => audit({ members: ids.images, nonMembers: ids.nonMembers }),
    code: 'ENG_DATA_MODEL_MISMATCH',
    pointer: /^\/data\/members/,
  },
  {
    title: 'inputs of another width than the model takes',
    send: () => audit({ members: ids.members, nonMembers: ids.wide }),
    code: 'ENG_DATA_MODEL_MISMATCH',
    pointer: /^\/data\/nonMembers/,
    says: /13.*12|12.*13/,
  },
  {
    title: 'more classes than the model has',
    send: () => audit({ members: ids.manyClasses, nonMembers: ids.nonMembers }),
    code: 'ENG_LABEL_OUT_OF_RANGE',
    pointer: /^\/data\/members/,
  },
  {
    title: 'a false positive rate that so few samples cannot show',
    send: () => audit({ members: ids.members, nonMembers: ids.nonMembers }, { attacks: ['loss'], fpr: [0.1, 1e-6] }),
    code: 'ENG_INSUFFICIENT_SAMPLES',
    pointer: /^\/tests\/membership\/fpr\/1$/,
    says: /2995731.*got 200/,
  },
  {
    title: 'a member field of one class',
    send: () =>
      dataset(
        { 'loss.npy': losses, 'member.npy': npy(new Uint8Array(count).fill(1)) },
        { loss: { file: 'loss.npy' }, member: { file: 'member.npy' } },
      ),
    code: 'ENG_ONE_CLASS_ONLY',
    pointer: /^\/fields\/member/,
  },
  {
    title: 'an audit set that does not say who is a member',
    send: () => auditOutputs(ids.members, { attacks: ['loss'] }),
    code: 'ENG_ONE_CLASS_ONLY',
    pointer: /^\/data\/auditSet$/,
  },
  {
    title: 'labels to be memorised that are all one class',
    send: () =>
      post(
        JSON.stringify({
          model: ids.model,
          data: { members: ids.oneLabel, nonMembers: ids.nonMembers },
          tests: { labelMemorization: {} },
        }),
      ),
    code: 'ENG_ONE_CLASS_ONLY',
    pointer: /^\/data\/members$/,
    says: /all members have label 0/,
  },
  {
    title: 'the same samples as members and as non-members',
    send: () => audit({ members: ids.members, nonMembers: ids.members }),
    code: 'ENG_REQUEST_INVALID',
    pointer: /^\/data\/nonMembers$/,
    says: /same samples/,
  },
  {
    title: 'NaN and infinite losses',
    send: () =>
      upload({ member: halves, losses: ones(count).fill(Number.NaN, 7, 9).fill(Number.POSITIVE_INFINITY, 20, 21) }),
    code: 'ENG_VALUES_NOT_FINITE',
    pointer: /^\/fields\/loss/,
    says: /\b3 .*row 7\b/,
  },
  {
    title: 'infinite losses of a reference model',
    send: () =>
      upload({ member: halves, referenceLosses: ones(2 * count).fill(Number.POSITIVE_INFINITY, count + 4, count + 5) }),
    code: 'ENG_VALUES_NOT_FINITE',
    pointer: /^\/fields\/referenceLoss/,
    says: /\b1 /,
  },
  {
    title: 'NaN among the logits',
    send: () =>
      dataset(
        {
          'z.npy': npy(new Float32Array(3 * count).fill(Number.NaN, 31, 33), [count, 3]),
          'y.npy': npy(new Int32Array(count)),
        },
        { logits: { file: 'z.npy' }, label: { file: 'y.npy' } },
      ),
    code: 'ENG_VALUES_NOT_FINITE',
    pointer: /^\/fields\/logits/,
    says: /\b2 .*row 10\b/,
  },
  {
    title: 'more losses than samples are marked',
    send: () => upload({ member: halves.slice(1) }),
    code: 'ENG_FIELDS_INCONSISTENT',
    pointer: /^\/fields\//,
    says: /199 .*200|200 .*199/,
  },
  {
    title: 'masks of more reference models than there are losses of',
    send: () => upload({ member: halves, referenceMember: [halves, halves, halves], referenceLosses: ones(2 * count) }),
    code: 'ENG_FIELDS_INCONSISTENT',
    pointer: /^\/fields\/reference/,
    says: /3 reference models.*2|2 reference models.*3/,
  },
  {
    title: 'masks that are on members alone',
    send: () => auditOutputs(ids.leakyMasks, { attacks: ['loss', 'rmia'] }),
    code: 'ENG_ATTACK_NOT_APPLICABLE',
    pointer: /^\/data\/auditSet$/,
    says: /referenceMember.*AUC of 1\.000.*2\.00 .* member .* 1\.00/,
  },
  {
    title: 'more certain probabilities than confidences can be compared by',
    send: () => auditOutputs(ids.certain, { attacks: ['lira'] }),
    code: 'ENG_SATURATED_OUTPUTS',
    pointer: /^\/data\/auditSet$/,
    says: /11 of 200 rows.*at most 5 %/,
  },
  {
    title: 'NaN among the inputs',
    send: () => samples({ inputs: blobs(count, 1).inputs.fill(Number.NaN, 60, 62) }),
    code: 'ENG_VALUES_NOT_FINITE',
    pointer: /^\/fields\/input/,
    says: /\b2 .*row 5/,
  },
  {
    title: 'labels below zero',
    send: () => samples({ labels: new Int32Array(count).fill(-1) }),
    code: 'ENG_LABEL_OUT_OF_RANGE',
    pointer: /^\/fields\/label/,
  },
  {
    title: 'a truncated npy file',
    send: () => dataset({ 'loss.npy': half(losses) }),
    code: 'ENG_FILE_TRUNCATED',
    pointer: /^\/fields\/loss\/file$/,
  },
  {
    title: 'a truncated model.json',
    send: () => model(classifier, { 'model.json': half(classifier.files['model.json']) }),
    code: 'ENG_FILE_UNREADABLE',
    pointer: /^model\.json$/,
  },
  {
    title: 'truncated weights',
    send: () => model(classifier, { 'weights.bin': half(classifier.files['weights.bin']) }),
    code: 'ENG_FILE_TRUNCATED',
    pointer: /^weights\.bin$/,
  },
  {
    title: 'truncated safetensors',
    send: () => {
      const upload = untrainedLanguageModel();
      return model(upload, { 'model.safetensors': half(upload.files['model.safetensors']) });
    },
    code: 'ENG_FILE_TRUNCATED',
    pointer: /^model\.safetensors$/,
  },
  {
    title: 'a truncated ONNX file',
    // A protobuf field of 100 bytes (number 7, the graph) of which four are there.
    send: () =>
      model(
        { manifest: { name: 'bad', kind: 'onnx', output: 'logits' }, files: {} },
        { 'model.onnx': Uint8Array.of(0x08, 0x08, 0x3a, 0x64, 1, 2, 3, 4) },
      ),
    code: 'ENG_FILE_UNREADABLE',
    pointer: /^model\.onnx$/,
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
    title: 'a layer nobody knows',
    send: () =>
      layersModel((layer) => {
        layer.class_name = 'QuantumDense';
      }),
    code: 'ENG_MODEL_UNSUPPORTED',
    pointer: /^model\.json$/,
    says: /QuantumDense/,
  },
  {
    title: 'a path that leaves its folder',
    send: () => dataset({ '../loss.npy': losses }),
    code: 'ENG_ARCHIVE_UNSAFE',
    pointer: /loss\.npy/,
  },
  {
    title: 'a path that leaves its folder inside an archive',
    send: () => dataset({ 'all.tar': tarOf({ 'loss.npy': losses, '../other.npy': losses }) }),
    code: 'ENG_ARCHIVE_UNSAFE',
    pointer: /^all\.tar$/,
  },
  {
    title: 'an archive a thousand times larger inside',
    send: () => dataset({ 'all.tar.gz': gzipSync(tarOf({ 'loss.npy': new Uint8Array(100 * mebibyte) })) }),
    code: 'ENG_ARCHIVE_UNSAFE',
    pointer: /^all\.tar\.gz$/,
  },
  {
    title: 'a file beyond the upload limit',
    send: () => dataset({ 'loss.npy': new Uint8Array(limitBytes + 1) }),
    code: 'ENG_UPLOAD_TOO_LARGE',
    pointer: /^loss\.npy$/,
    says: /128 MiB|134,?217,?728/,
  },
];

for (const { title, send, ...refusal } of badInputs)
  it(`refuses ${title} with pointer and remedy, and keeps nothing`, async () => {
    await refuses(service, send, refusal);
  });
