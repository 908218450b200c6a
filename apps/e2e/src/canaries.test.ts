import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Dataset, type PlantedCanaries, type Report, report as reportSchema } from '@engram/contract';
import { sha256Hex } from '@engram/numeric';
import { blobs, type Samples, uploadOf } from './data/blobs.js';
import { engineTrainedClassifier } from './data/engine-classifier.js';
import { type LoadedArray, readNpz } from './data/npz.js';
import { type Client, succeed } from './harness/client.js';
import { type Refusal, refuses } from './harness/refusal.js';
import { type Service, startService } from './harness/service.js';

const made = { width: 24, classes: 5, distance: 3 };
const trainable = 1200;
const count = 300;
/** Long enough for every wrong label to be learned by heart. */
const leaky = { optimizer: { kind: 'adam', learningRate: 0.01 }, epochs: 60, batchSize: 100, seed: 2 };

let service: Service;
let client: Client;
let source: Dataset;
before(async () => {
  service = await startService();
  client = service.client();
  source = await client.uploadDataset(uploadOf('train', blobs(trainable, 1, made)));
});
after(() => service?.stop());

describe('canaries planted in a training set', () => {
  let planted: PlantedCanaries;
  let training: Record<string, LoadedArray>;
  let model: string;
  let report: Report;

  it('come with a training set that can be downloaded and trained on', async () => {
    planted = await client.plantCanaries({ dataset: source.id, count, seed: 7, allowLargeShare: true });
    const { trainingSet, canaries, coins } = planted;
    training = readNpz(await client.content(trainingSet.id));
    assert.deepEqual(Object.keys(training).sort(), ['input', 'label']);
    const samples = trainable - count + coins.included;
    assert.deepEqual([training.input!.shape, training.label!.shape], [[samples, made.width], [samples]]);
    const { member } = readNpz(await client.content(canaries.id));
    const fallen = member!.data as Uint8Array;
    assert.equal(sha256Hex(fallen), coins.sha256);
    assert.equal(
      fallen.reduce((sum, coin) => sum + coin, 0),
      coins.included,
    );
  });

  it('bound the epsilon of a training that learned them by heart from below, above a small claim', async () => {
    const samples: Samples = {
      inputs: training.input!.data as Float32Array,
      labels: training.label!.data as Int32Array,
      width: made.width,
      classes: made.classes,
    };
    model = (await client.uploadModel(await engineTrainedClassifier(samples, leaky, { units: 128 }))).id;
    const { id } = await client.submit({
      model,
      data: { auditSet: planted.canaries.id },
      tests: {
        privacyBounds: { inclusion: 'independentCoins', guesses: { in: 50, out: 50 }, claimedEpsilon: 0.5 },
      },
    });
    await succeed(client, id);
    report = await client.report(id);
    const { bounds, verdict, included, leftOut } = report.privacyBounds!;
    assert.deepEqual([included, leftOut], [planted.coins.included, planted.coins.leftOut]);
    const primary = bounds.find((bound) => bound.primary)!;
    assert.equal(primary.method, 'oneRun');
    assert.ok(primary.epsilon.status === 'measured', JSON.stringify(primary));
    const { value, direction, high } = primary.epsilon;
    // 100 guesses, all of them right, show 3.49: log(p / (1 - p)) at the 0.05 quantile of p.
    assert.ok(value > 1 && value < 3.5, `${value}`);
    assert.deepEqual([direction, high, verdict, report.verdict], ['lowerBound', null, 'leak', 'leak']);
    const response = await client.send(`/v1/audits/${id}/report.html`);
    assert.match(await response.text(), /id="privacy-bounds"/);
    assert.doesNotThrow(() => reportSchema.parse(report));
  });

  it('show nothing of a model that was trained before they were planted', async () => {
    const before = await client.uploadModel(await engineTrainedClassifier(blobs(trainable, 1, made), leaky));
    const { id } = await client.submit({
      model: before.id,
      data: { auditSet: planted.canaries.id },
      tests: { privacyBounds: { inclusion: 'independentCoins' } },
    });
    await succeed(client, id);
    const { privacyBounds } = await client.report(id);
    const epsilon = privacyBounds!.bounds.find((bound) => bound.primary)!.epsilon;
    assert.ok(epsilon.status === 'measured' && epsilon.value === 0, JSON.stringify(epsilon));
    assert.equal(privacyBounds!.verdict, 'inconclusive');
  });

  const bounds =
    (test: object, auditSet = () => planted.canaries.id) =>
    () =>
      client.post('/v1/audits', { model, data: { auditSet: auditSet() }, tests: { privacyBounds: test } });
  const plant = (body: object) => () => client.post('/v1/canaries', { dataset: source.id, seed: 1, ...body });
  const refused: readonly (Refusal & { readonly title: string; readonly send: () => Promise<Response> })[] = [
    {
      title: 'fewer canaries than can bound anything',
      send: plant({ count: 99 }),
      code: 'ENG_REQUEST_INVALID',
      pointer: /^\/count$/,
      says: /100/,
    },
    {
      title: 'a kind of canary nobody knows',
      send: plant({ kind: 'adversarial' }),
      code: 'ENG_REQUEST_INVALID',
      pointer: /^\/kind$/,
      says: /mislabeled/,
    },
    {
      title: 'canaries without a seed',
      send: plant({ seed: undefined }),
      code: 'ENG_REQUEST_INVALID',
      pointer: /^\/seed$/,
    },
    {
      title: 'more than one canary in a hundred samples',
      send: plant({ count: 100 }),
      code: 'ENG_INSUFFICIENT_SAMPLES',
      pointer: /^\/count$/,
      says: /at most 12\b.*allowLargeShare|allowLargeShare.*at most 12\b/,
    },
    {
      title: 'more canaries than every other sample',
      send: plant({ count: 601, allowLargeShare: true }),
      code: 'ENG_INSUFFICIENT_SAMPLES',
      pointer: /^\/count$/,
      says: /601/,
    },
    {
      title: 'canaries in a dataset that is not there',
      send: plant({ dataset: 'dst_nosuchdata0' }),
      code: 'ENG_DATASET_NOT_FOUND',
      pointer: /^\/dataset$/,
    },
    {
      title: 'a bound without a word on how canaries were chosen',
      send: bounds({}),
      code: 'ENG_REQUEST_INVALID',
      pointer: /^\/tests\/privacyBounds\/inclusion$/,
      says: /independentCoins/,
    },
    {
      title: 'a bound on canaries of which exactly half were drawn',
      send: bounds({ inclusion: 'exactHalf' }),
      code: 'ENG_ATTACK_NOT_APPLICABLE',
      pointer: /^\/tests\/privacyBounds\/inclusion$/,
    },
    {
      title: 'more guesses than canaries',
      send: bounds({ inclusion: 'independentCoins', guesses: { in: 200, out: 200 } }),
      code: 'ENG_REQUEST_INVALID',
      pointer: /^\/tests\/privacyBounds\/guesses$/,
      says: /1 to 300 guesses/,
    },
    {
      title: 'a bound on samples that are no canaries',
      send: bounds({ inclusion: 'independentCoins' }, () => source.id),
      code: 'ENG_ONE_CLASS_ONLY',
      pointer: /^\/data\/auditSet$/,
    },
  ];
  for (const { title, send, ...refusal } of refused)
    it(`refuses ${title} with pointer and remedy, and keeps nothing`, async () => {
      await refuses(service, send, refusal);
    });
});
