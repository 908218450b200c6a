import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AuditRequestInput, Report } from '@engram/contract';
import { blobs, uploadOf } from './data/blobs.js';
import { trainedWeights } from './data/classifier.js';
import { labelsOnnx } from './data/onnx-labels.js';
import { type Client, succeed } from './harness/client.js';
import { refuses } from './harness/refusal.js';
import { type Service, startService } from './harness/service.js';

// An ONNX classifier that knows random labels by heart and tells one class index per image, nothing else.
const count = 100;
const shape = [4, 4, 3];
const made = { width: 48, classes: 4 };
const trainedOn = blobs(count, 1, made);
const attacks = ['augmentationVotes', 'gap', 'noiseRobustness', { attack: 'boundaryDistance', queries: 100 }] as const;

let service: Service;
let client: Client;
let request: AuditRequestInput;
let report: Report;

before(async () => {
  service = await startService();
  client = service.client();
  const model = await client.uploadModel({
    manifest: { name: 'labels', kind: 'onnx', output: 'labels' },
    files: { 'labels.onnx': labelsOnnx(trainedWeights(trainedOn), shape) },
  });
  assert.deepEqual([model.abilities, model.output.meaning], [['labels'], 'labels']);
  const upload = async (name: string, seed: number) =>
    (await client.uploadDataset(uploadOf(name, blobs(count, seed, made), [count, ...shape]))).id;
  request = {
    model: model.id,
    data: { members: await upload('members', 1), nonMembers: await upload('non-members', 2) },
    tests: { membership: { attacks: [...attacks], fpr: [0.1] } },
    seed: 5,
  };
});
after(() => service?.stop());

describe('an ONNX classifier that tells labels alone', () => {
  it('is shown to leak by every attack that asks for nothing else', async () => {
    const { id } = await client.submit(request);
    await succeed(client, id);
    report = await client.report(id);
    const { membership, verdict } = report;
    assert.equal(verdict, 'leak', report.summary.join(' '));
    assert.deepEqual(membership?.skipped, []);
    assert.deepEqual(
      membership?.attacks.map(({ attack }) => attack),
      attacks.map((entry) => (typeof entry === 'string' ? entry : entry.attack)),
    );
    for (const { auc, scoreId } of membership!.attacks)
      assert.ok(auc.status === 'measured' && auc.low > 0.6, `${scoreId} ${JSON.stringify(auc)}`);
    const { accuracyMembers, accuracyNonMembers, labelsAlone } = membership!.target;
    assert.equal(labelsAlone, true);
    // Labels are drawn at random among four classes.
    assert.ok(accuracyMembers.status === 'measured' && accuracyMembers.value > 0.95);
    assert.ok(accuracyNonMembers.status === 'measured' && accuracyNonMembers.high < 0.5);
  });

  it('gives a table with a score of each and no loss of the target', async () => {
    const { columns } = report.samples;
    assert.ok(!columns.includes('targetLoss'), columns.join());
    const rows = await client.samples(report.auditId);
    for (const { scoreId } of report.membership!.attacks)
      assert.ok(
        rows.every((row) => typeof row[scoreId] === 'number'),
        scoreId,
      );
    // Who is right about a member knows one thing more than who is not: gap is 1 for right, 0 for wrong.
    const right = rows.filter((row) => row.member === 1 && row.gap === 1).length;
    const { accuracyMembers } = report.membership!.target;
    assert.equal(accuracyMembers.status === 'measured' && Math.round(accuracyMembers.value * count), right);
  });

  it('is asked the suite for labels by default', async () => {
    const { id } = await client.submit({ ...request, tests: { membership: { fpr: [0.1] } } });
    await succeed(client, id);
    const { membership } = await client.report(id);
    assert.deepEqual(
      membership?.attacks.map(({ attack }) => attack),
      ['augmentationVotes', 'gap', 'noiseRobustness'],
    );
  });

  it('is refused for an attack that reads a loss, and for training it anew', async () => {
    const send = (membership: object) => () => client.post('/v1/audits', { ...request, tests: { membership } });
    await refuses(service, send({ attacks: ['loss'] }), {
      code: 'ENG_ATTACK_NOT_APPLICABLE',
      pointer: /^\/tests\/membership\/attacks\/0$/,
    });
    await refuses(service, send({ attacks: ['gap'], retrainedTargets: { count: 3 } }), {
      code: 'ENG_ATTACK_NOT_APPLICABLE',
      pointer: /^\/tests\/membership\/retrainedTargets/,
    });
  });
});
