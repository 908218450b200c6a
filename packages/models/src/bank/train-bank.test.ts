import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngramError, type NdArray, type Recipe } from '@engram/domain';
import { createRandom, deriveSeed } from '@engram/numeric';
import { assertClose } from '../fixtures/assert-close.js';
import { layer, layersModelFiles, sequential } from '../fixtures/layers-model.js';
import { testEngine } from '../fixtures/test-engine.js';
import { parseTopology } from '../network/parse-topology.js';
import { planBatches } from './batch-plan.js';
import { initialWeights } from './initial-weights.js';
import { type BankLayout, chooseLayout } from './layout.js';
import type { BankModel, BankRequest, Labels, ModelWeights } from './request.js';
import { learningRateAt } from './schedule.js';
import { trainBank } from './train-bank.js';

const dense = (units: number, config: object = {}) => layer('Dense', { units, ...config });
const plain = sequential([6], dense(8, { activation: 'relu' }), dense(3));
// No bias before the normalisation: its gradient is 0, and Adam would divide rounding errors by each other.
const normalised = sequential(
  [6],
  dense(8, { use_bias: false }),
  layer('BatchNormalization', { momentum: 0.8 }),
  layer('ReLU'),
  dense(3),
);
const dropping = sequential([6], dense(16, { activation: 'relu' }), layer('Dropout', { rate: 0.4 }), dense(3));
const convolving = sequential(
  [6, 6, 1],
  layer('Conv2D', { filters: 4, kernel_size: 3, activation: 'relu' }),
  layer('MaxPooling2D'),
  layer('Flatten'),
  dense(3),
);

const adam: Recipe = {
  optimizer: { kind: 'adam', learningRate: 0.01 },
  epochs: 3,
  batchSize: 8,
  loss: 'crossEntropy',
  weightDecay: 0,
  schedule: 'constant',
  augmentation: [],
  seed: 1,
};

function problem(topology: object, samples = 30): Pick<BankRequest, 'network' | 'inputs' | 'labels'> {
  const network = parseTopology(topology, 'classification');
  const random = createRandom(5);
  const shape = [samples, ...network.inputShape];
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal());
  return {
    network,
    inputs: { data, shape },
    labels: Int32Array.from({ length: samples }, () => random.integer(network.outputCount)),
  };
}

function masks<L extends Labels = Int32Array>(count: number, samples: number): BankModel<L>[] {
  const random = createRandom(9);
  return Array.from({ length: count }, (_, index) => ({
    seed: 100 + index,
    trainedOn: Uint8Array.from({ length: samples }, () => Number(random.uniform() < 0.6)),
  }));
}

const alone: BankLayout = { modelsPerGraph: 1, stacked: false, stepsPerCall: 1 };

function assertSameWeights(actual: ModelWeights, expected: ModelWeights, tolerance: number) {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [name, { data }] of Object.entries(expected)) assertClose(actual[name]!.data, data, tolerance, name);
}

const failsWith = (code: string) => (error: unknown) => {
  assert.ok(error instanceof EngramError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};

describe('the training bank', () => {
  const test = testEngine();

  for (const [name, topology] of Object.entries({
    'a dense net': plain,
    'batch normalisation': normalised,
    'a convolution': convolving,
  })) {
    for (const kind of ['sgd', 'momentum', 'adam'] as const) {
      it(`trains ${name} as TensorFlow.js does, by ${kind}`, async () => {
        const { tf } = test.engine;
        const given = problem(topology);
        const [model] = masks(1, 30) as [BankModel];
        // 30 samples masked, batches of 8: the last batch of each epoch is short.
        const recipe = { ...adam, optimizer: { kind, learningRate: 0.05 } };
        const trained = await trainBank(test.engine, { ...given, recipe, models: [model] });

        const files = layersModelFiles(topology);
        const json = files['model.json'] as { modelTopology: object; weightsManifest: { weights: object[] }[] };
        const weightData = Uint8Array.from(files['weights.bin'] as Uint8Array).buffer;
        const reference = await tf.loadLayersModel({
          load: async () => ({
            modelTopology: json.modelTopology,
            weightSpecs: json.weightsManifest[0]!.weights as never,
            weightData,
          }),
        });
        const initial = initialWeights(given.network, model.seed);
        const byName = new Map(reference.weights.map((weight) => [weight.originalName, weight]));
        for (const [key, { data, shape }] of Object.entries(initial))
          tf.tidy(() => {
            byName.get(key)!.write(tf.tensor(data, [...shape]));
          });
        const optimizer =
          kind === 'sgd'
            ? tf.train.sgd(0.05)
            : kind === 'momentum'
              ? tf.train.momentum(0.05, 0.9)
              : tf.train.adam(0.05);
        const plan = planBatches(model.trainedOn, 8, { epochs: 3 }, orderSeed(model));
        const batch = new Int32Array(8);
        const variables = reference.trainableWeights.map((weight) => weight.read() as ReturnType<typeof tf.variable>);
        for (let step = 0; step < plan.steps; step++) {
          const count = plan.fill(step, batch, 0);
          tf.tidy(() => {
            const rows = tf.gather(
              tf.tensor(given.inputs.data as Float32Array, [...given.inputs.shape]),
              tf.tensor1d(batch.subarray(0, count), 'int32'),
            );
            const truth = tf.oneHot(
              tf.tensor1d(
                Array.from(batch.subarray(0, count), (index) => given.labels[index]!),
                'int32',
              ),
              3,
            );
            optimizer.minimize(
              () => tf.losses.softmaxCrossEntropy(truth, reference.apply(rows, { training: true }) as typeof rows),
              false,
              variables,
            );
          });
        }
        const expected = Object.fromEntries(
          Object.keys(initial).map((key) => [
            key,
            { data: byName.get(key)!.read().dataSync() as Float32Array, shape: initial[key]!.shape },
          ]),
        );
        reference.dispose();
        optimizer.dispose();
        // Float32 sums in another order, over some ten steps.
        assertSameWeights(trained.models[0]!.weights, expected, 2e-5);
      });
    }
  }

  it('trains each model of a stack as it trains alone, whatever the size of its training set', async () => {
    for (const topology of [plain, normalised, dropping]) {
      const given = problem(topology);
      const models = masks(5, 30).map((model, index) =>
        index % 2 === 0 ? model : { ...model, noise: { std: 0.01, seed: index, clip: 0.5 } },
      );
      const request = {
        ...given,
        recipe: adam,
        models,
        evaluate: { ...given, at: 'epochs' as const },
        record: { at: [0, 4, 1000] },
      };
      const together = await trainBank(test.engine, request, { modelsPerGraph: 3, stacked: true, stepsPerCall: 1 });
      for (const index of [0, 3]) {
        const model = models[index]!;
        const single = await trainBank(test.engine, { ...request, models: [model] }, alone);
        const [one, of] = [single.models[0]!, together.models[index]!];
        assertSameWeights(of.weights, one.weights, 2e-5);
        assert.deepEqual(
          of.evaluations.map((each) => each.step),
          one.evaluations.map((each) => each.step),
        );
        assert.deepEqual(
          of.records.map((each) => each.step),
          one.records.map((each) => each.step),
        );
        assert.deepEqual(
          one.records.map((each) => each.step),
          [0, 4, one.steps],
        );
        for (const [at, record] of of.records.entries())
          assertClose(record.gradientNorm, one.records[at]!.gradientNorm, 1e-3, 'gradient norm');
      }
    }
  });

  it('trains models side by side in one graph, and several steps per call, as it trains them alone', async () => {
    for (const topology of [convolving, dropping]) {
      const given = problem(topology);
      const models = masks(3, 30);
      const request = { ...given, recipe: adam, models };
      const together = await trainBank(test.engine, request, { modelsPerGraph: 2, stacked: false, stepsPerCall: 4 });
      const separate = await trainBank(test.engine, request, alone);
      for (const [index, model] of together.models.entries())
        assertSameWeights(model.weights, separate.models[index]!.weights, 2e-5);
    }
  });

  for (const [how, topology, layout] of [
    ['stacked', plain, { modelsPerGraph: 2, stacked: true, stepsPerCall: 1 }],
    ['side by side', convolving, { modelsPerGraph: 2, stacked: false, stepsPerCall: 4 }],
  ] as const) {
    it(`teaches each model of a bank its own labels, ${how}, as if it were trained on them alone`, async () => {
      const given = problem(topology);
      const relabelled = (by: number) => given.labels.map((label) => (label + by) % 3);
      const models = masks(3, 30).map((model, index) =>
        index === 0 ? model : { ...model, labels: relabelled(index) },
      );
      const request = {
        ...given,
        recipe: adam,
        models,
        evaluate: { inputs: given.inputs, labels: given.labels, at: 'end' as const },
        record: { at: 'epochs' as const },
      };
      const together = await trainBank(test.engine, request, layout);
      for (const [index, { labels = given.labels, ...model }] of models.entries()) {
        const single = await trainBank(test.engine, { ...request, labels, models: [model] }, alone);
        const [one, of] = [single.models[0]!, together.models[index]!];
        assertSameWeights(of.weights, one.weights, 2e-5);
        assert.deepEqual(of.evaluations[0]!.predicted, one.evaluations[0]!.predicted);
        assertClose(of.records[2]!.gradientNorm, one.records[2]!.gradientNorm, 1e-3, 'gradient norm');
        assertClose(of.records[2]!.loss, one.records[2]!.loss, 1e-4, 'loss');
        assert.deepEqual(
          of.records[2]!.correct,
          Uint8Array.from(labels, (label, row) => Number(label === of.evaluations[0]!.predicted[row])),
        );
      }
    });
  }

  it('gives the same bits for the same seeds, other weights for other seeds, and leaves no tensor behind', async () => {
    const request = { ...problem(dropping), recipe: adam, models: masks(2, 30) };
    const before = test.engine.tensorCount();
    const first = await trainBank(test.engine, request);
    const second = await trainBank(test.engine, request);
    assert.equal(test.engine.tensorCount(), before);
    assert.deepEqual(first.models, second.models);
    const other = await trainBank(test.engine, {
      ...request,
      models: request.models.map((model) => ({ ...model, seed: model.seed + 50 })),
    });
    assert.notDeepEqual(first.models[0]!.weights, other.models[0]!.weights);
  });

  it('takes the closed-form step of softmax regression, with weight decay of either kind', async () => {
    const given = problem(sequential([2], dense(2, { use_bias: false })), 4);
    const models = [{ seed: 1, trainedOn: Uint8Array.of(1, 1, 1, 1) }];
    const before = initialWeights(given.network, 1)['dense_0/kernel']!.data;
    // ∇W = (1/n) Σ x (p − y)ᵀ
    const gradient = new Float64Array(4);
    for (let row = 0; row < 4; row++) {
      const x = given.inputs.data.subarray(row * 2, row * 2 + 2);
      const z = [0, 1].map((unit) => x[0]! * before[unit]! + x[1]! * before[2 + unit]!);
      const p1 = 1 / (1 + Math.exp(z[0]! - z[1]!));
      [1 - p1, p1].forEach((p, unit) => {
        for (const k of [0, 1]) gradient[k * 2 + unit]! += (x[k]! * (p - Number(given.labels[row] === unit))) / 4;
      });
    }
    const step = async (recipe: Partial<Recipe>) =>
      (await trainBank(test.engine, { ...given, recipe: { ...adam, batchSize: 4, epochs: 1, ...recipe }, models }))
        .models[0]!.weights['dense_0/kernel']!.data;
    const rate = 0.1;
    const expected = {
      // L2 decay enters the gradient; decoupled decay shrinks the weight. Adam's first step is rate × sign(gradient).
      sgd: (index: number) => before[index]! - rate * (gradient[index]! + 0.02 * before[index]!),
      momentum: (index: number) => before[index]! - rate * (gradient[index]! + 0.02 * before[index]!),
      adam: (index: number) => before[index]! - rate * Math.sign(gradient[index]! + 0.02 * before[index]!),
      adamw: (index: number) => before[index]! * (1 - rate * 0.02) - rate * Math.sign(gradient[index]!),
    };
    for (const kind of ['sgd', 'momentum', 'adam', 'adamw'] as const) {
      const after = await step({ optimizer: { kind, learningRate: rate }, weightDecay: 0.02 });
      assertClose(after, [0, 1, 2, 3].map(expected[kind]), 1e-5, kind);
    }
  });

  it('adds penalties saved with the layers to the loss', async () => {
    const penalised = sequential(
      [2],
      dense(2, { use_bias: false, kernel_regularizer: { class_name: 'L1L2', config: { l1: 0.1, l2: 0.2 } } }),
    );
    const given = problem(sequential([2], dense(2, { use_bias: false })), 4);
    const request = {
      ...given,
      recipe: { ...adam, optimizer: { kind: 'sgd' as const, learningRate: 0.1 }, batchSize: 4, epochs: 1 },
      models: [{ seed: 1, trainedOn: Uint8Array.of(1, 1, 1, 1) }],
    };
    const without = (await trainBank(test.engine, request)).models[0]!.weights['dense_0/kernel']!.data;
    const withPenalty = (
      await trainBank(test.engine, { ...request, network: parseTopology(penalised, 'classification') })
    ).models[0]!.weights['dense_0/kernel']!.data;
    const initial = initialWeights(given.network, 1)['dense_0/kernel']!.data;
    withPenalty.forEach((value, index) => {
      const expected = without[index]! - 0.1 * (0.1 * Math.sign(initial[index]!) + 0.4 * initial[index]!);
      assert.ok(Math.abs(value - expected) < 1e-6);
    });
  });

  it('adds noise of the stated size to trainable weights, the same in paired runs', async () => {
    const given = problem(sequential([6], dense(300), layer('BatchNormalization'), dense(3)));
    const mask = new Uint8Array(30).fill(1);
    const noise = { std: 0.5, seed: 77 };
    const model = (seed: number, extra: object) => ({ seed, trainedOn: mask, batchSeed: 3, ...extra });
    const recipe = { ...adam, optimizer: { kind: 'sgd' as const, learningRate: 1e-9 }, epochs: 1, batchSize: 30 };
    const { models } = await trainBank(test.engine, {
      ...given,
      recipe,
      models: [model(1, { noise }), model(2, { noise }), model(1, {})],
    });
    const moved = (index: number, seed: number) => {
      const initial = initialWeights(given.network, seed);
      return models[index]!.weights['dense_0/kernel']!.data.map(
        (value, at) => value - initial['dense_0/kernel']!.data[at]!,
      );
    };
    const [first, second, still] = [moved(0, 1), moved(1, 2), moved(2, 1)];
    const deviation = Math.sqrt(first.reduce((sum, value) => sum + value ** 2, 0) / first.length);
    // 1,800 draws: standard error of the deviation 0.5 / √3600; four of them.
    assert.ok(Math.abs(deviation - 0.5) < 0.034, `deviation ${deviation}`);
    assertClose(first, second, 1e-5);
    assert.ok(still.every((value) => Math.abs(value) < 1e-6));
    // Moving statistics are not trained: the batch moves them, noise does not.
    const { models: quiet } = await trainBank(test.engine, { ...given, recipe, models: [model(1, {})] });
    const mean = 'batchnormalization_1/moving_mean';
    assertClose(models[0]!.weights[mean]!.data, quiet[0]!.weights[mean]!.data, 1e-5);
  });

  it('clips the gradient of a batch to the stated norm', async () => {
    const given = problem(plain);
    const recipe = { ...adam, optimizer: { kind: 'sgd' as const, learningRate: 1 }, batchSize: 30 };
    const clipped = { seed: 4, trainedOn: new Uint8Array(30).fill(1), noise: { std: 0, seed: 1, clip: 0.01 } };
    const { models } = await trainBank(test.engine, { ...given, recipe, models: [clipped], steps: 1 });
    const initial = initialWeights(given.network, 4);
    const squares = Object.entries(models[0]!.weights).flatMap(([name, { data }]) =>
      Array.from(data, (value, index) => (value - initial[name]!.data[index]!) ** 2),
    );
    assert.ok(Math.abs(Math.sqrt(squares.reduce((a, b) => a + b)) - 0.01) < 1e-6);
  });

  it('records the loss trace, evaluations from logits and per-sample quantities', async () => {
    const given = problem(plain);
    const [model] = masks(1, 30) as [BankModel];
    const { models, facts } = await trainBank(test.engine, {
      ...given,
      recipe: { ...adam, epochs: 60 },
      models: [model],
      evaluate: { ...given, at: 'end' },
      record: { at: [0, 50, 1e6] },
    });
    const { trainLoss, evaluations, records, steps } = models[0]!;
    assert.equal(trainLoss.length, 60);
    assert.ok(trainLoss.at(-1)! < 0.5 * trainLoss[0]!);
    assert.equal(evaluations[0]!.step, steps);
    const last = records.at(-1)!;
    assert.equal(last.step, steps);
    evaluations[0]!.loss.forEach((loss, row) => {
      // φ = log p − log(1 − p), loss = −log p, EL2N between |1 − p| and √2 |1 − p|.
      const p = Math.exp(-loss);
      assert.ok(Math.abs(evaluations[0]!.scaledConfidence[row]! - Math.log(p / (1 - p))) < 1e-6);
      assert.ok(Math.abs(last.loss[row]! - loss) < 1e-5);
      assert.ok(last.el2n[row]! >= 1 - p - 1e-6 && last.el2n[row]! <= Math.SQRT2 * (1 - p) + 1e-6);
    });
    const ofMembers = (values: Float64Array) =>
      values.reduce((sum, value, row) => sum + value * model.trainedOn[row]!, 0);
    assert.ok(ofMembers(last.gradientNorm) < ofMembers(records[0]!.gradientNorm));
    assert.ok(facts.sampleStepsPerSecond > 0);
  });

  it('records gradient norms and EL2N of samples a model is all but certain of', async () => {
    // Softmax regression without bias: ‖∇‖ = ‖p − y‖ ‖x‖, here down to e^-150, far below what float32 can square.
    const given = problem(sequential([2], dense(2, { use_bias: false })), 4);
    const rows = [1, 20, 60, 150];
    const inputs: NdArray<Float32Array> = { data: Float32Array.from(rows.flatMap((z) => [z, 0])), shape: [4, 2] };
    const kernel: NdArray<Float32Array> = { data: Float32Array.of(1, 0, 0, 0), shape: [2, 2] };
    const { models } = await trainBank(test.engine, {
      ...given,
      inputs,
      labels: Int32Array.of(0, 0, 0, 0),
      recipe: adam,
      models: [{ seed: 1, trainedOn: Uint8Array.of(1, 1, 1, 1), initialWeights: { 'dense_0/kernel': kernel } }],
      record: { at: [0] },
      steps: 0,
    });
    const { gradientNorm, el2n } = models[0]!.records[0]!;
    rows.forEach((z, row) => {
      const error = Math.SQRT2 / (1 + Math.exp(z));
      assert.ok(Math.abs(el2n[row]! / error - 1) < 1e-9, `EL2N ${el2n[row]}, expected ${error}`);
      assert.ok(Math.abs(gradientNorm[row]! / (error * z) - 1) < 1e-5, `${gradientNorm[row]}, expected ${error * z}`);
    });
  });

  it('continues from given weights and stops after given steps', async () => {
    const given = problem(plain);
    const [model] = masks(1, 30) as [BankModel];
    const recipe = { ...adam, optimizer: { kind: 'sgd' as const, learningRate: 0.1 } };
    const whole = await trainBank(test.engine, { ...given, recipe, models: [model], steps: 5 });
    assert.equal(whole.models[0]!.steps, 5);
    const none = await trainBank(test.engine, {
      ...given,
      recipe: { ...recipe, optimizer: { kind: 'sgd', learningRate: 1e-12 } },
      models: [{ ...model, initialWeights: whole.models[0]!.weights }],
      steps: 1,
    });
    assertSameWeights(none.models[0]!.weights, whole.models[0]!.weights, 1e-7);
  });

  it('looks at given weights without training when no steps are asked for', async () => {
    const given = problem(plain);
    const [model] = masks(1, 30) as [BankModel];
    const start = initialWeights(given.network, 8);
    const { models } = await trainBank(test.engine, {
      ...given,
      recipe: adam,
      models: [{ ...model, initialWeights: start }],
      steps: 0,
      record: { at: [0] },
    });
    assertSameWeights(models[0]!.weights, start, 0);
    assert.equal(models[0]!.records[0]!.gradientNorm.length, 30);
  });

  it('says when training diverges, when masks are empty, when data do not fit, and when it is stopped', async () => {
    const given = problem(plain);
    const [model] = masks(1, 30) as [BankModel];
    const train = (change: Partial<BankRequest>) =>
      trainBank(test.engine, { ...given, recipe: adam, models: [model], ...change });
    const wild = { ...adam, optimizer: { kind: 'sgd' as const, learningRate: 1e20 } };
    await assert.rejects(train({ recipe: wild }), failsWith('ENG_VALUES_NOT_FINITE'));
    await assert.rejects(
      train({ models: [{ ...model, trainedOn: new Uint8Array(30) }] }),
      failsWith('ENG_INSUFFICIENT_SAMPLES'),
    );
    await assert.rejects(train({ labels: new Int32Array(30).fill(3) }), failsWith('ENG_LABEL_OUT_OF_RANGE'));
    const taught = (labels: Int32Array) => train({ models: [{ ...model, labels }] });
    await assert.rejects(taught(new Int32Array(30).fill(3)), failsWith('ENG_LABEL_OUT_OF_RANGE'));
    await assert.rejects(taught(new Int32Array(29)), failsWith('ENG_SHAPE_MISMATCH'));
    const wide: NdArray = { data: new Float32Array(30 * 7), shape: [30, 7] };
    await assert.rejects(train({ inputs: wide }), failsWith('ENG_DATA_MODEL_MISMATCH'));
    await assert.rejects(train({ signal: AbortSignal.abort() }), failsWith('ENG_AUDIT_CANCELLED'));
  });
});

describe('the training bank on regressions', () => {
  const test = testEngine();
  const shallow = sequential([3], dense(5, { activation: 'tanh' }), dense(1));
  const bySquares: Recipe = { ...adam, loss: 'meanSquaredError' };

  function targets(samples = 30, topology: object = shallow) {
    const random = createRandom(6);
    return {
      network: parseTopology(topology, 'regression'),
      inputs: { data: Float32Array.from({ length: samples * 3 }, () => random.normal()), shape: [samples, 3] },
      labels: Float64Array.from({ length: samples }, () => 2 + 3 * random.normal()),
    };
  }

  for (const kind of ['sgd', 'adam'] as const) {
    it(`trains as TensorFlow.js does on the mean squared error, by ${kind}`, async () => {
      const { tf } = test.engine;
      const given = targets();
      const [model] = masks<Float64Array>(1, 30) as [BankModel<Float64Array>];
      const recipe = { ...bySquares, optimizer: { kind, learningRate: 0.05 } };
      const trained = await trainBank(test.engine, { ...given, recipe, models: [model] });

      const initial = initialWeights(given.network, model.seed);
      const reference = tf.sequential({
        layers: [tf.layers.dense({ inputShape: [3], units: 5, activation: 'tanh' }), tf.layers.dense({ units: 1 })],
      });
      tf.tidy(() => reference.setWeights(Object.values(initial).map(({ data, shape }) => tf.tensor(data, [...shape]))));
      const optimizer = kind === 'sgd' ? tf.train.sgd(0.05) : tf.train.adam(0.05);
      const plan = planBatches(model.trainedOn, 8, { epochs: 3 }, orderSeed(model));
      const batch = new Int32Array(8);
      for (let step = 0; step < plan.steps; step++) {
        const rows = Array.from(batch.subarray(0, plan.fill(step, batch, 0)));
        tf.tidy(() => {
          const x = tf.tensor2d(
            rows.flatMap((row) => [...given.inputs.data.subarray(row * 3, row * 3 + 3)]),
            [rows.length, 3],
          );
          const y = tf.tensor2d(
            rows.map((row) => given.labels[row]!),
            [rows.length, 1],
          );
          optimizer.minimize(() => tf.losses.meanSquaredError(y, reference.apply(x, { training: true }) as typeof x));
        });
      }
      const expected = Object.fromEntries(
        Object.keys(initial).map((key, at) => [
          key,
          { data: reference.getWeights()[at]!.dataSync() as Float32Array, shape: initial[key]!.shape },
        ]),
      );
      reference.dispose();
      optimizer.dispose();
      // Float32 sums in another order, over some ten steps.
      assertSameWeights(trained.models[0]!.weights, expected, 2e-5);
    });
  }

  it('trains each model of a stack as it trains alone, on targets of its own', async () => {
    const given = targets();
    const models = masks(3, 30).map((model, index) => ({ ...model, labels: given.labels.map((y) => y + index) }));
    const request = {
      ...given,
      recipe: bySquares,
      models,
      evaluate: { ...given, at: 'end' as const },
      record: { at: [0, 4] },
    };
    const together = await trainBank(test.engine, request, { modelsPerGraph: 3, stacked: true, stepsPerCall: 1 });
    for (const [index, model] of models.entries()) {
      const single = await trainBank(test.engine, { ...request, models: [model] }, alone);
      const [one, of] = [single.models[0]!, together.models[index]!];
      assertSameWeights(of.weights, one.weights, 2e-5);
      assertClose(of.evaluations[0]!.predicted, one.evaluations[0]!.predicted, 1e-4);
      assertClose(of.records[1]!.gradientNorm, one.records[1]!.gradientNorm, 1e-3, 'gradient norm');
    }
  });

  it('evaluates squared errors in float64 and their logarithm', async () => {
    const given = targets();
    const models = masks<Float64Array>(1, 30);
    const result = await trainBank(test.engine, {
      ...given,
      recipe: bySquares,
      models,
      evaluate: { ...given, at: 'end' },
    });
    const { loss, scaledConfidence, predicted } = result.models[0]!.evaluations[0]!;
    loss.forEach((square, row) => {
      assert.equal(square, (given.labels[row]! - predicted[row]!) ** 2);
      assert.equal(scaledConfidence[row], -Math.log(square + 1e-12));
    });
  });

  it('records norms of per-sample gradients that agree with finite differences of the loss', async () => {
    const given = targets(6);
    const start = initialWeights(given.network, 3);
    const lossesAt = async (weights: ModelWeights) => {
      const { models } = await trainBank(test.engine, {
        ...given,
        recipe: bySquares,
        models: [{ seed: 3, trainedOn: new Uint8Array(6).fill(1), initialWeights: weights }],
        steps: 0,
        record: { at: [0] },
      });
      return models[0]!.records[0]!;
    };
    const { gradientNorm } = await lossesAt(start);
    const squares = new Float64Array(6);
    const h = 1e-2;
    for (const [name, { data, shape }] of Object.entries(start))
      for (let at = 0; at < data.length; at++) {
        const moved = async (by: number) => {
          const changed = data.slice();
          changed[at]! += by;
          return (await lossesAt({ ...start, [name]: { data: changed, shape } })).loss;
        };
        const [up, down] = [await moved(h), await moved(-h)];
        for (let row = 0; row < 6; row++) squares[row]! += ((up[row]! - down[row]!) / (2 * h)) ** 2;
      }
    // Central differences in float32: rounding of some 1e-6 over 2h, and a curvature term of order h squared.
    assertClose(gradientNorm, squares.map(Math.sqrt), 2e-3, 'gradient norm');
  });

  it('refuses classes for a regression and a recipe that trains on cross-entropy', async () => {
    const given = targets();
    const models = masks(1, 30);
    const classes = { ...given, labels: new Int32Array(30) };
    await assert.rejects(trainBank(test.engine, { ...classes, recipe: bySquares, models }), failsWith('ENG_INTERNAL'));
    await assert.rejects(
      trainBank(test.engine, { ...given, recipe: adam, models: masks<Float64Array>(1, 30) }),
      failsWith('ENG_INTERNAL'),
    );
  });
});

describe('the training bank under XLA', () => {
  const test = testEngine('auto');

  it('trains each model of a stack as it trains alone', async () => {
    const given = problem(dropping);
    const models = masks(4, 30);
    const request = { ...given, recipe: adam, models };
    const together = await trainBank(test.engine, request, { modelsPerGraph: 4, stacked: true, stepsPerCall: 1 });
    assert.equal(together.facts.mode, 'xla');
    const single = await trainBank(test.engine, { ...request, models: models.slice(2, 3) });
    assert.equal(single.facts.modelsPerGraph, 1);
    assertSameWeights(together.models[2]!.weights, single.models[0]!.weights, 2e-5);
  });
});

describe('the layout of a bank', () => {
  const test = testEngine('auto');
  const layoutOf = (topology: object, count: number, epochs: number) => {
    const given = problem(topology);
    return chooseLayout(test.engine, { ...given, recipe: { ...adam, epochs }, models: masks(count, 30) });
  };

  it('stacks dense networks into groups of equal size, and compiles them when there is much to do', () => {
    assert.deepEqual(layoutOf(plain, 65, 3), { modelsPerGraph: 33, stacked: true, stepsPerCall: 1, mode: 'recorded' });
    assert.deepEqual(layoutOf(plain, 64, 10_000_000), { modelsPerGraph: 64, stacked: true, stepsPerCall: 1 });
  });

  it('runs several steps per call for one dense network, and convolutions one model at a time', () => {
    assert.deepEqual(layoutOf(plain, 1, 3), { modelsPerGraph: 1, stacked: false, stepsPerCall: 8, mode: 'recorded' });
    assert.deepEqual(layoutOf(convolving, 64, 3), { modelsPerGraph: 1, stacked: false, stepsPerCall: 1 });
  });
});

describe('batches and rates', () => {
  it('show every sample of the mask once per epoch, in an order fixed by the seed', () => {
    const trainedOn = Uint8Array.of(1, 0, 1, 1, 0, 1, 1);
    const plan = planBatches(trainedOn, 2, { epochs: 3 }, 8);
    assert.equal(plan.stepsPerEpoch, 3);
    const epochs = [0, 1, 2].map((epoch) =>
      [0, 1, 2].flatMap((step) => {
        const batch = new Int32Array(2);
        return [...batch.subarray(0, plan.fill(epoch * 3 + step, batch, 0))];
      }),
    );
    for (const epoch of epochs) assert.deepEqual(epoch.toSorted(), [0, 2, 3, 5, 6]);
    assert.notDeepEqual(epochs[0], epochs[1]);
    const again = new Int32Array(2);
    planBatches(trainedOn, 2, { epochs: 3 }, 8).fill(4, again, 0);
    assert.deepEqual([...again], epochs[1]!.slice(2, 4));
  });

  it('fall as the schedule says', () => {
    const at = (schedule: Recipe['schedule'], step: number) => learningRateAt({ ...adam, schedule }, step, 10);
    assert.equal(at('constant', 9), 0.01);
    assert.equal(at('linear', 5), 0.005);
    assert.ok(Math.abs(at('cosine', 5) - 0.005) < 1e-12);
    assert.equal(at('cosine', 0), 0.01);
  });
});

function orderSeed(model: Pick<BankModel, 'seed'>): number {
  return deriveSeed(model.seed, 'order');
}
