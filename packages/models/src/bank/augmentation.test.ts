import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Augmentation, EngramError, type Recipe } from '@engram/domain';
import { augmentedForm, createRandom, deriveSeed } from '@engram/numeric';
import { assertClose } from '../fixtures/assert-close.js';
import { layer, sequential } from '../fixtures/layers-model.js';
import { testEngine } from '../fixtures/test-engine.js';
import { parseTopology } from '../network/parse-topology.js';
import { planBatches } from './batch-plan.js';
import { drawnForms, planForms } from './form-plan.js';
import { initialWeights } from './initial-weights.js';
import type { BankLayout } from './layout.js';
import type { BankModel, BankRequest, ModelWeights } from './request.js';
import { trainBank } from './train-bank.js';

const dense = (units: number, config: object = {}) => layer('Dense', { units, ...config });
const convolving = sequential(
  [6, 5, 2],
  layer('Conv2D', { filters: 4, kernel_size: 3, activation: 'relu' }),
  layer('Flatten'),
  dense(3),
);
const flat = sequential([4, 4], layer('Flatten'), dense(8, { activation: 'relu' }), dense(3));
const alone: BankLayout = { modelsPerGraph: 1, stacked: false, stepsPerCall: 1 };
const samples = 30;

const augmenting = (...augmentation: Augmentation[]): Recipe => ({
  optimizer: { kind: 'adam', learningRate: 0.02 },
  epochs: 3,
  batchSize: 8,
  loss: 'crossEntropy',
  weightDecay: 0,
  schedule: 'constant',
  augmentation,
  seed: 1,
});

function problem(topology: object): Pick<BankRequest, 'network' | 'inputs' | 'labels'> {
  const network = parseTopology(topology, 'classification');
  const random = createRandom(5);
  const shape = [samples, ...network.inputShape];
  return {
    network,
    inputs: { data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()), shape },
    labels: Int32Array.from({ length: samples }, () => random.integer(network.outputCount)),
  };
}

function masks(count: number): BankModel[] {
  const random = createRandom(9);
  return Array.from({ length: count }, (_, index) => ({
    seed: 100 + index,
    trainedOn: Uint8Array.from({ length: samples }, () => Number(random.uniform() < 0.6)),
  }));
}

function assertSameWeights(actual: ModelWeights, expected: ModelWeights, tolerance: number) {
  for (const [name, { data }] of Object.entries(expected)) assertClose(actual[name]!.data, data, tolerance, name);
}

function largestDifference(some: ModelWeights, others: ModelWeights): number {
  return Math.max(
    ...Object.entries(some).flatMap(([name, { data }]) =>
      Array.from(data, (value, at) => Math.abs(value - others[name]!.data[at]!)),
    ),
  );
}

const order = (model: BankModel) => deriveSeed(model.seed, 'order');

describe('the training bank with augmentation', () => {
  const test = testEngine();

  for (const augmentation of [['mirror'], ['shift'], ['mirror', 'shift']] as const)
    it(`trains as TensorFlow.js does on the forms drawn by ${augmentation.join(' and ')}`, async () => {
      const { tf } = test.engine;
      const given = problem(convolving);
      const [model] = masks(1) as [BankModel];
      const trained = await trainBank(test.engine, { ...given, recipe: augmenting(...augmentation), models: [model] });

      const initial = initialWeights(given.network, model.seed);
      const reference = tf.sequential({
        layers: [
          tf.layers.conv2d({ inputShape: [6, 5, 2], filters: 4, kernelSize: 3, activation: 'relu' }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 3 }),
        ],
      });
      tf.tidy(() => reference.setWeights(Object.values(initial).map(({ data, shape }) => tf.tensor(data, [...shape]))));
      const optimizer = tf.train.adam(0.02);
      const plan = planBatches(model.trainedOn, 8, { epochs: 3 }, order(model));
      const drawn = planForms(augmentation, samples, order(model));
      const width = 6 * 5 * 2;
      const batch = new Int32Array(8);
      const forms = new Int32Array(8);
      for (let step = 0; step < plan.steps; step++) {
        const rows = batch.subarray(0, plan.fill(step, batch, 0));
        drawn.fill(Math.floor(step / plan.stepsPerEpoch), rows, forms, 0);
        const images = Array.from(rows, (row, place) => {
          const image = given.inputs.data.subarray(row * width, (row + 1) * width);
          return [...augmentedForm({ data: image, shape: [1, 6, 5, 2] }, forms[place]!).data];
        });
        tf.tidy(() => {
          const x = tf.tensor4d(images.flat(), [rows.length, 6, 5, 2]);
          const truth = tf.oneHot(
            tf.tensor1d(
              Array.from(rows, (row) => given.labels[row]!),
              'int32',
            ),
            3,
          );
          optimizer.minimize(() =>
            tf.losses.softmaxCrossEntropy(truth, reference.apply(x, { training: true }) as typeof x),
          );
        });
      }
      const expected = Object.fromEntries(
        Object.entries(initial).map(([key, { shape }], at) => [
          key,
          { data: reference.getWeights()[at]!.dataSync() as Float32Array, shape },
        ]),
      );
      reference.dispose();
      optimizer.dispose();
      // Float32 sums in another order, over some ten steps.
      assertSameWeights(trained.models[0]!.weights, expected, 2e-5);
    });

  for (const [how, topology, layout] of [
    ['stacked', flat, { modelsPerGraph: 3, stacked: true, stepsPerCall: 1 }],
    ['stacked, several steps a call', flat, { modelsPerGraph: 2, stacked: true, stepsPerCall: 4 }],
    ['side by side, several steps a call', convolving, { modelsPerGraph: 2, stacked: false, stepsPerCall: 4 }],
  ] as const)
    it(`trains each model ${how} as it trains alone`, async () => {
      const request = { ...problem(topology), recipe: augmenting('mirror', 'shift'), models: masks(3) };
      const together = await trainBank(test.engine, request, layout);
      for (const [index, model] of request.models.entries()) {
        const single = await trainBank(test.engine, { ...request, models: [model] }, alone);
        assertSameWeights(together.models[index]!.weights, single.models[0]!.weights, 2e-5);
      }
    });

  it('gives the same bits for the same seed, and other weights than training on the samples as they are', async () => {
    const request = { ...problem(flat), models: masks(2) };
    const augmented = { ...request, recipe: augmenting('mirror', 'shift') };
    const first = await trainBank(test.engine, augmented);
    assert.deepEqual(first.models, (await trainBank(test.engine, augmented)).models);
    const plain = await trainBank(test.engine, { ...request, recipe: augmenting() });
    assert.ok(largestDifference(first.models[0]!.weights, plain.models[0]!.weights) > 0.01);
  });

  it('shows runs that share batches the same forms', async () => {
    const given = problem(flat);
    const trainedOn = new Uint8Array(samples).fill(1);
    const start = initialWeights(given.network, 8);
    const run = (seed: number, batchSeed: number) => ({ seed, batchSeed, trainedOn, initialWeights: start });
    const { models } = await trainBank(test.engine, {
      ...given,
      // One batch of all samples: its order says nothing, and what differs is the forms.
      recipe: { ...augmenting('mirror', 'shift'), batchSize: samples },
      models: [run(1, 5), run(2, 5), run(1, 6)],
    });
    const [first, paired, other] = models.map(({ weights }) => weights) as [ModelWeights, ModelWeights, ModelWeights];
    assertSameWeights(paired, first, 2e-5);
    assert.ok(largestDifference(first, other) > 0.005);
  });

  it('evaluates and records samples as they are', async () => {
    const given = problem(flat);
    const [model] = masks(1) as [BankModel];
    const look = { evaluate: { ...given, at: 'end' as const }, record: { at: 'end' as const } };
    const request = { ...given, ...look, models: [model] };
    const { models } = await trainBank(test.engine, { ...request, recipe: augmenting('mirror', 'shift') }, alone);
    const { models: looked } = await trainBank(
      test.engine,
      {
        ...request,
        recipe: augmenting(),
        models: [{ ...model, initialWeights: models[0]!.weights }],
        steps: 0,
      },
      alone,
    );
    assert.deepEqual(models[0]!.evaluations[0]!.loss, looked[0]!.evaluations[0]!.loss);
    assert.deepEqual(models[0]!.records[0]!.gradientNorm, looked[0]!.records[0]!.gradientNorm);
  });

  it('refuses to augment what are no images', async () => {
    const given = problem(sequential([6], dense(3)));
    await assert.rejects(
      trainBank(test.engine, { ...given, recipe: augmenting('shift'), models: masks(1) }),
      (error) => error instanceof EngramError && error.code === 'ENG_INTERNAL' && error.message.includes('[6]'),
    );
  });
});

describe('the training bank with augmentation under XLA', () => {
  const test = testEngine('xla');

  it('trains each model of a stack as the plain graph does', async () => {
    const request = { ...problem(flat), recipe: augmenting('mirror', 'shift'), models: masks(2) };
    const layout = { modelsPerGraph: 2, stacked: true, stepsPerCall: 1 };
    const compiled = await trainBank(test.engine, request, layout);
    assert.equal(compiled.facts.mode, 'xla');
    const recorded = await trainBank(test.engine, request, { ...layout, mode: 'recorded' });
    for (const [index, { weights }] of compiled.models.entries())
      assertSameWeights(weights, recorded.models[index]!.weights, 2e-5);
  });
});

describe('the forms of samples', () => {
  const all = Int32Array.from({ length: 400 }, (_, sample) => sample);
  const formsOf = (augmentation: readonly Augmentation[], epoch: number, seed = 3, batch = all) => {
    const forms = new Int32Array(batch.length);
    planForms(augmentation, 400, seed).fill(epoch, batch, forms, 0);
    return forms;
  };

  it('are those queries ask about', () => {
    assert.deepEqual(drawnForms([]), [0]);
    assert.deepEqual(drawnForms(['mirror']), [0, 1]);
    assert.deepEqual(drawnForms(['shift']), [0, 2, 4, 6, 8, 10, 12, 14, 16]);
    assert.deepEqual(
      drawnForms(['mirror', 'shift']),
      Array.from({ length: 18 }, (_, form) => form),
    );
  });

  // The 99.9 % quantile of chi-square with 1, 8 and 17 degrees of freedom.
  for (const [augmentation, critical] of [
    [['mirror'], 10.83],
    [['shift'], 26.12],
    [['mirror', 'shift'], 40.79],
  ] as const)
    it(`are drawn by ${augmentation.join(' and ')} as often as each other, and anew in every epoch`, () => {
      const forms = drawnForms(augmentation);
      const epochs = Array.from({ length: 50 }, (_, epoch) => formsOf(augmentation, epoch));
      const counts = new Map(forms.map((form) => [form, 0]));
      for (const epoch of epochs) for (const form of epoch) counts.set(form, counts.get(form)! + 1);
      assert.equal(counts.size, forms.length);
      const expected = (50 * 400) / forms.length;
      const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      assert.ok(chiSquare < critical, `chi-square ${chiSquare}`);
      // A sample's form of an epoch says nothing of its next: kept with probability 1 / forms, four standard errors.
      const kept = epochs.slice(1).map((epoch, at) => epoch.filter((form, sample) => form === epochs[at]![sample]));
      const share = kept.reduce((sum, { length }) => sum + length, 0) / (49 * 400);
      const p = 1 / forms.length;
      assert.ok(Math.abs(share - p) < 4 * Math.sqrt((p * (1 - p)) / (49 * 400)), `kept ${share}`);
    });

  it('depend on the seed, the epoch and the sample alone', () => {
    const both = ['mirror', 'shift'] as const;
    const whole = formsOf(both, 7);
    assert.deepEqual([...formsOf(both, 7, 3, Int32Array.of(31, 4, 399))], [whole[31], whole[4], whole[399]]);
    assert.notDeepEqual(formsOf(both, 7, 4), whole);
    const plan = planForms(both, 400, 3);
    const forms = new Int32Array(402);
    for (const epoch of [7, 2, 7]) plan.fill(epoch, all, forms, 2);
    assert.deepEqual(forms.subarray(2), whole);
    assert.deepEqual([...forms.subarray(0, 2)], [0, 0]);
  });
});
