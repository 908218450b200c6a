import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { npy } from '@engram/datasets/testing';
import type { Measured } from '@engram/domain';
import { linesOf } from './data/language-model.js';
import { type Client, succeed } from './harness/client.js';
import { type Service, startService } from './harness/service.js';
import { sharedData } from './harness/shared-data.js';

let service: Promise<Service> | undefined;
after(async () => (await service)?.stop());

/** Starts the service for the first test whose data are there. */
async function connected(): Promise<Client> {
  service ??= startService();
  return (await service).client();
}

function valueIn(measured: Measured | undefined): number {
  return measured?.status === 'measured' ? measured.value : Number.NaN;
}

it('finds the AUC known for the recorded outputs of the Location-30 classifier', async (context) => {
  const read = sharedData(context, 'location30-target-outputs');
  if (read === undefined) return;
  const client = await connected();
  const outputs = await client.uploadDataset({
    manifest: {
      name: 'location30',
      format: 'npy',
      fields: { logits: { file: 'z.npy' }, label: { file: 'y.npy' }, member: { file: 'm.npy' } },
    },
    files: {
      'z.npy': read('target_logits.npy'),
      'y.npy': read('target_label.npy'),
      'm.npy': read('target_is_member.npy'),
    },
  });
  const from = performance.now();
  const { id } = await client.submit({ data: { auditSet: outputs.id }, tests: { membership: { attacks: ['loss'] } } });
  await succeed(client, id);
  const report = await client.report(id);
  context.diagnostic(`${((performance.now() - from) / 1000).toFixed(1)} s from POST to report`);
  const [loss] = report.membership!.attacks;
  assert.equal(loss?.attack, 'loss');
  const auc = valueIn(loss?.auc);
  assert.ok(Math.abs(auc - 0.87) <= 0.002, `AUC ${auc}`);
  assert.equal(report.verdict, 'leak');
});

it('claims no leak of a classifier that generalises', async (context) => {
  const read = sharedData(context, 'mnist');
  if (read === undefined) return;
  const client = await connected();
  const model = await client.uploadModel({
    manifest: { name: 'mnist', kind: 'onnx', output: 'logits' },
    files: { 'mnist.onnx': read('mnist.onnx') },
  });
  const images = (name: string, part: string) =>
    client.uploadDataset({
      manifest: { name, format: 'idx', fields: { input: { file: 'x.gz' }, label: { file: 'y.gz' } } },
      files: {
        'x.gz': read(`${part}-first5000-images-idx3-ubyte.gz`),
        'y.gz': read(`${part}-first5000-labels-idx1-ubyte.gz`),
      },
    });
  const members = await images('trained on', 'train');
  const nonMembers = await images('never seen', 't10k');
  const { id } = await client.submit({
    model: model.id,
    data: { members: members.id, nonMembers: nonMembers.id },
    tests: { membership: {} },
  });
  await succeed(client, id);
  const report = await client.report(id);
  context.diagnostic(`verdict ${report.verdict}: ${report.membership?.statement}`);
  assert.notEqual(report.verdict, 'leak');
  assert.deepEqual(
    report.findings.filter(({ id }) => /^membership\.(?!gate\.)/.test(id)),
    [],
  );
  const { accuracyMembers, accuracyNonMembers } = report.membership!.target;
  assert.equal(valueIn(accuracyMembers), 0.9938);
  assert.equal(valueIn(accuracyNonMembers), 0.983);
});

it('audits a real regression with reference models of its own kind, and finds nothing between samples all trained on', async (context) => {
  const read = sharedData(context, 'abalone-tfjs');
  if (read === undefined) return;
  const client = await connected();
  const training = { epochs: 5, batchSize: 50, optimizer: { kind: 'adam', learningRate: 0.01 } };
  const model = await client.uploadModel({
    manifest: { name: 'abalone', kind: 'tfjs-layers', task: 'regression', training },
    files: { 'model.json': read('model/model.json'), 'weights.bin': read('model/weights.bin') },
  });
  assert.deepEqual(model.output, { shape: [1], meaning: 'prediction' });
  assert.ok(!('classCount' in model));
  // Of the rows in training one stretch after another is shared out: nothing but chance tells the two sides apart.
  const rows = new TextDecoder()
    .decode(read('abalone.csv'))
    .trim()
    .split('\n')
    .slice(1, 801)
    .map((line) => line.split(','));
  const half = (name: string, parity: number) => {
    const mine = rows.filter((_, i) => i % 2 === parity);
    const inputs = mine.flatMap(([sex, ...rest]) => ['FMI'.indexOf(sex!), ...rest.slice(0, 7).map(Number)]);
    return client.uploadDataset({
      manifest: { name, format: 'npy', fields: { input: { file: 'x.npy' }, target: { file: 'y.npy' } } },
      files: {
        'x.npy': npy(Float32Array.from(inputs), [mine.length, 8]),
        'y.npy': npy(Float64Array.from(mine, (row) => Number(row[8]))),
      },
    });
  };
  const members = await half('some', 0);
  const nonMembers = await half('others', 1);
  const { id } = await client.submit({
    model: model.id,
    data: { members: members.id, nonMembers: nonMembers.id },
    tests: { membership: { referenceModels: { count: 8 } } },
  });
  await succeed(client, id);
  const report = await client.report(id);
  context.diagnostic(`verdict ${report.verdict}: ${report.membership?.statement}`);
  assert.notEqual(report.verdict, 'leak');
  assert.deepEqual(
    report.membership?.attacks.map(({ attack }) => attack),
    ['lira', 'calibratedLoss', 'loss', 'gradientNorm', 'leverage'],
  );
});

it('audits a real language model for extraction and shows no name of its texts', async (context) => {
  const read = sharedData(context, 'stories260k-lm');
  if (read === undefined) return;
  const client = await connected();
  const names = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
  const model = await client.uploadModel({
    manifest: { name: 'stories', kind: 'causal-lm' },
    files: Object.fromEntries(names.map((name) => [name, read(`hf/${name}`)])),
  });
  const stories = new TextDecoder().decode(read('tinystories_sample.txt'));
  const words = stories
    .replaceAll('<|endoftext|>', ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  // Stretches of the same stories on both sides: neither is known to have been trained on.
  const stretches = Array.from({ length: Math.floor(words.length / 30) }, (_, i) =>
    words.slice(30 * i, 30 * (i + 1)).join(' '),
  );
  const texts = (parity: number) => stretches.filter((_, i) => i % 2 === parity).map((text) => ({ text }));
  const members = await client.uploadDataset(linesOf('some', texts(0)));
  const nonMembers = await client.uploadDataset(linesOf('others', texts(1)));
  const { id } = await client.submit({
    model: model.id,
    data: { members: members.id, nonMembers: nonMembers.id },
    tests: { extraction: { attacks: [{ attack: 'prefixSuffix', prefixTokens: 20, suffixTokens: 10 }] } },
  });
  await succeed(client, id);
  const { prefixSuffix } = (await client.report(id)).extraction!;
  assert.equal(prefixSuffix?.records, texts(0).length);
  assert.notEqual(prefixSuffix?.strips.length, 0);
  for (const { tokens, probabilities } of prefixSuffix!.strips) {
    assert.equal(tokens.length, probabilities.length);
    assert.match(tokens.join(''), /•/);
    assert.doesNotMatch(tokens.join(''), /\p{Lu}|\p{N}/u);
  }
});
