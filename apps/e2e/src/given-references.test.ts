import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AuditRequestInput, Report } from '@engram/contract';
import { npy } from '@engram/datasets/testing';
import { createRandom } from '@engram/numeric';
import { blobs, takeSamples, uploadOf } from './data/blobs.js';
import { trainedClassifier } from './data/classifier.js';
import { type Client, succeed, type Upload } from './harness/client.js';
import { refuses } from './harness/refusal.js';
import { type Service, startService } from './harness/service.js';

// Two reference models of the user's own, each trained on one half of members and non-members alike.
const count = 150;
const everything = blobs(2 * count, 1, { width: 24 });
const rowsOf = { members: range(0, count), nonMembers: range(count, 2 * count) };
const coins = createRandom(2);
const masks = [Uint8Array.from({ length: 2 * count }, () => coins.integer(2))];
masks.push(masks[0]!.map((mark) => 1 - mark));

let service: Service;
let client: Client;
let target: string;
let references: string[];
const data: Record<'marked' | 'plain', { members: string; nonMembers: string }> = {
  marked: { members: '', nonMembers: '' },
  plain: { members: '', nonMembers: '' },
};

before(async () => {
  service = await startService();
  client = service.client();
  target = (await client.uploadModel(trainedClassifier(takeSamples(everything, rowsOf.members)))).id;
  references = [];
  for (const [seed, mask] of masks.entries()) {
    const half = takeSamples(
      everything,
      range(0, 2 * count).filter((row) => mask[row] === 1),
    );
    references.push((await client.uploadModel(trainedClassifier(half, { seed: 10 + seed }))).id);
  }
  for (const side of ['members', 'nonMembers'] as const) {
    const upload = uploadOf(side, takeSamples(everything, rowsOf[side]));
    data.plain[side] = (await client.uploadDataset(upload)).id;
    data.marked[side] = (await client.uploadDataset(marked(upload, rowsOf[side]))).id;
  }
});
after(() => service?.stop());

/** The same samples with what each reference model was trained on. */
function marked({ manifest, files }: Upload, rows: readonly number[]): Upload {
  const { fields, ...rest } = manifest as { fields: object };
  const marks = Uint8Array.from(masks.flatMap((mask) => rows.map((row) => mask[row]!)));
  return {
    manifest: { ...rest, fields: { ...fields, referenceMember: { file: 'in.npy' } } },
    files: { ...files, 'in.npy': npy(marks, [masks.length, rows.length]) },
  };
}

function requestOf(which: keyof typeof data, membership: AuditRequestInput['tests']['membership']): AuditRequestInput {
  return { model: target, data: data[which], tests: { membership } };
}

async function audited(request: AuditRequestInput): Promise<Report> {
  const { id } = await client.submit(request);
  await succeed(client, id);
  assert.deepEqual(
    service.logged('task started').filter(({ auditId, kind }) => auditId === id && String(kind).startsWith('train')),
    [],
  );
  return client.report(id);
}

describe('reference models that are given', () => {
  it('calibrate every attack that sets models with a sample against models without, and train nothing', async () => {
    const report = await audited(
      requestOf('marked', {
        attacks: ['rmia', 'calibratedLoss', 'base', 'loss'],
        referenceModels: { models: references },
      }),
    );
    const { membership, verdict } = report;
    assert.equal(verdict, 'leak');
    assert.deepEqual(membership?.skipped, []);
    assert.deepEqual([membership?.referenceModels?.count, membership?.referenceModels?.recipeFrom], [2, 'given']);
    for (const { auc, scoreId, referenceModels } of membership!.attacks) {
      assert.ok(auc.status === 'measured' && auc.low > 0.6, `${scoreId} ${JSON.stringify(auc)}`);
      assert.equal(referenceModels, scoreId === 'loss' ? 0 : 2, scoreId);
    }
    const { accuracyIn, accuracyOut } = membership!.referenceModels!;
    // Labels are drawn at random among four classes.
    assert.ok(accuracyIn! > 0.9 && accuracyOut! < 0.4, `${accuracyIn} ${accuracyOut}`);
  });

  it('that were trained on none of the samples calibrate offline attacks without masks', async () => {
    const strangers: string[] = [];
    for (const seed of [21, 22])
      strangers.push((await client.uploadModel(trainedClassifier(blobs(count, seed, { width: 24 }), { seed }))).id);
    const offline = [
      { attack: 'rmia', mode: 'offline' },
      { attack: 'lira', mode: 'offline', variance: 'global' },
    ] as const;
    const request = requestOf('plain', { attacks: [...offline], referenceModels: { models: strangers } });
    const { notices } = await client.dryRun(request);
    assert.ok(
      notices.some((notice) => /no referenceMember field/.test(notice)),
      notices.join('\n'),
    );
    const { membership } = await audited(request);
    assert.deepEqual(
      membership?.attacks.map(({ scoreId }) => scoreId),
      ['rmia-offline', 'lira-offline-global'],
    );
    for (const { auc, scoreId } of membership!.attacks)
      assert.ok(auc.status === 'measured' && auc.low > 0.6, `${scoreId} ${JSON.stringify(auc)}`);
  });

  const send = (which: keyof typeof data, membership: object) => () =>
    client.post('/v1/audits', requestOf(which, membership as AuditRequestInput['tests']['membership']));

  it('are refused for an attack that needs models trained with each sample, when no masks say which were', async () => {
    await refuses(
      service,
      send('plain', { attacks: [{ attack: 'rmia', mode: 'online' }], referenceModels: { models: references } }),
      { code: 'ENG_ATTACK_NOT_APPLICABLE', pointer: /^\/tests\/membership\/attacks\/0$/ },
    );
  });

  it('are refused when they tell other classes apart, naming both counts', async () => {
    const other = (await client.uploadModel(trainedClassifier(blobs(60, 9, { width: 24, classes: 7 }), { epochs: 1 })))
      .id;
    await refuses(service, send('marked', { attacks: ['rmia'], referenceModels: { models: [references[0], other] } }), {
      code: 'ENG_DATA_MODEL_MISMATCH',
      pointer: /^\/tests\/membership\/referenceModels\/models\/1$/,
      says: /4 classes.*7 classes/,
    });
  });

  it('are refused when there are more of them than masks, at the dataset', async () => {
    const third = (await client.uploadModel(trainedClassifier(blobs(60, 9, { width: 24 }), { epochs: 1 }))).id;
    await refuses(service, send('marked', { attacks: ['rmia'], referenceModels: { models: [...references, third] } }), {
      code: 'ENG_DATA_MODEL_MISMATCH',
      pointer: /^\/data\/members$/,
      says: /3 reference models, got 2/,
    });
  });

  it('are refused when one of them is the audited model itself', async () => {
    await refuses(
      service,
      send('marked', { attacks: ['rmia'], referenceModels: { models: [references[0], target] } }),
      { code: 'ENG_REQUEST_INVALID', pointer: /^\/tests\/membership\/referenceModels\/models\/1$/ },
    );
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
