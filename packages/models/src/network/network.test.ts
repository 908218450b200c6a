import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NdArray } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { assertClose } from '../fixtures/assert-close.js';
import { layer, layersModel, layersModelFiles, sequential } from '../fixtures/layers-model.js';
import { memorySource } from '../fixtures/memory-source.js';
import { testEngine } from '../fixtures/test-engine.js';
import { parseModelManifest } from '../manifest.js';
import { inspectLayersModel } from '../tfjs-layers/inspect.js';
import { openLayersPredictor } from '../tfjs-layers/open-predictor.js';
import { readLayersModel } from '../tfjs-layers/read-model.js';
import { forward, perSampleGradients } from './forward.js';
import { sizeOf } from './initializers.js';
import { parseTopology } from './parse-topology.js';

const dense = (units: number, config: object = {}) => layer('Dense', { units, ...config });
const conv = (config: object) => layer('Conv2D', { filters: 3, kernel_size: 3, ...config });
const flat = layer('Flatten');

/** One network per layer and setting; the last layer gives 3 classes. */
const networks: Record<string, object> = {
  'dense with every activation': sequential(
    [5],
    ...['relu', 'relu6', 'elu', 'selu', 'sigmoid', 'hard_sigmoid', 'tanh', 'softplus', 'softsign', 'swish'].map(
      (activation) => dense(6, { activation }),
    ),
    dense(3, { activation: 'softmax' }),
  ),
  'activation layers': sequential(
    [5],
    dense(6),
    layer('ReLU', { max_value: 1 }),
    dense(6),
    layer('LeakyReLU', { alpha: 0.1 }),
    dense(6),
    layer('ELU', { alpha: 1 }),
    dense(6),
    layer('Activation', { activation: 'gelu' }),
    dense(3),
    layer('Softmax', { axis: -1 }),
  ),
  'dense along positions': sequential([4, 5], dense(6, { activation: 'tanh' }), flat, dense(3)),
  'dense along many positions, through explicit gradients': sequential(
    [40, 2],
    dense(3, { activation: 'tanh' }),
    flat,
    dense(3),
  ),
  'convolution, same padding, strides': sequential(
    [7, 6, 2],
    conv({ padding: 'same', strides: [2, 2], activation: 'relu' }),
    flat,
    dense(3),
  ),
  'convolution, dilated, wide kernel, no bias': sequential(
    [8, 7, 2],
    conv({ kernel_size: [2, 3], dilation_rate: [2, 2], use_bias: false }),
    flat,
    dense(3),
  ),
  'convolution of one position, through Gram matrices': sequential([3, 3, 4], conv({ filters: 9 }), flat, dense(3)),
  'convolution along one axis': sequential(
    [9, 2],
    layer('Conv1D', { filters: 4, kernel_size: [3], strides: [2], padding: 'same', activation: 'relu' }),
    layer('MaxPooling1D', { pool_size: [2], strides: [2] }),
    flat,
    dense(3),
  ),
  'depthwise convolution': sequential(
    [6, 6, 2],
    layer('DepthwiseConv2D', { kernel_size: 3, depth_multiplier: 2, padding: 'same' }),
    flat,
    dense(3),
  ),
  'separable convolution': sequential(
    [6, 6, 2],
    layer('SeparableConv2D', { filters: 3, kernel_size: 3, activation: 'relu' }),
    layer('GlobalMaxPooling2D'),
    dense(3),
  ),
  poolings: sequential(
    [8, 8, 2],
    layer('MaxPooling2D', { pool_size: [2, 2] }),
    layer('AveragePooling2D', { pool_size: 2, strides: 1, padding: 'same' }),
    conv({ padding: 'same' }),
    layer('GlobalAveragePooling2D'),
    dense(3),
  ),
  'batch and layer normalisation': sequential(
    [6, 6, 2],
    conv({ use_bias: false }),
    layer('BatchNormalization', { epsilon: 0.01 }),
    layer('Activation', { activation: 'relu' }),
    flat,
    dense(5),
    layer('LayerNormalization', { epsilon: 1e-5 }),
    dense(3),
  ),
  'padding, cropping, enlarging': sequential(
    [5, 4, 2],
    layer('ZeroPadding2D', {
      padding: [
        [1, 2],
        [0, 1],
      ],
    }),
    conv({}),
    layer('UpSampling2D', { size: [2, 3] }),
    layer('Cropping2D', {
      cropping: [
        [1, 0],
        [2, 1],
      ],
    }),
    flat,
    dense(3),
  ),
  'reshaping and permuting': sequential(
    [12],
    layer('Reshape', { target_shape: [4, 3] }),
    layer('Permute', { dims: [2, 1] }),
    dense(2),
    flat,
    layer('RepeatVector', { n: 2 }),
    flat,
    dense(3),
  ),
  'dropout, off': sequential(
    [6, 2],
    layer('SpatialDropout1D', { rate: 0.5 }),
    flat,
    layer('Dropout', { rate: 0.5 }),
    dense(3),
  ),
  'one sigmoid unit': sequential([5], dense(4, { activation: 'relu' }), dense(1, { activation: 'sigmoid' })),
  'branches joined': {
    class_name: 'Model',
    config: {
      layers: [
        {
          class_name: 'InputLayer',
          name: 'in',
          config: { name: 'in', batch_input_shape: [null, 4] },
          inbound_nodes: [],
        },
        layer('Dense', { name: 'a', units: 4, activation: 'relu' }, ['in']),
        layer('Dense', { name: 'b', units: 4, activation: 'tanh' }, ['in']),
        ...['Add', 'Multiply', 'Maximum', 'Minimum', 'Average'].map((name) => layer(name, { name }, ['a', 'b'])),
        layer('Concatenate', { name: 'join', axis: -1 }, ['Add', 'Multiply', 'Maximum', 'Minimum', 'Average', 'in']),
        layer('Dense', { name: 'out', units: 3, activation: 'softmax' }, ['join']),
      ],
      input_layers: [['in', 0, 0]],
      output_layers: [['out', 0, 0]],
    },
  },
};
const embedded = sequential([5], layer('Embedding', { input_dim: 4, output_dim: 3 }), flat, dense(3));

function draws(shape: readonly number[], seed = 3): NdArray<Float32Array> {
  const random = createRandom(seed);
  return { data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal()), shape };
}
const tokens: NdArray<Float32Array> = { data: Float32Array.of(1, 2, 1, 0, 3, 2, 2, 2, 2, 2), shape: [2, 5] };

/** Within a fraction of the largest expected value. */
function assertNear(actual: ArrayLike<number>, expected: ArrayLike<number>, relative: number) {
  assertClose(actual, expected, relative * Math.max(1e-6, ...Array.from(expected, Math.abs)));
}

describe('a network on the engine', () => {
  const test = testEngine();
  const { manifest } = parseModelManifest({ name: 'm', kind: 'tfjs-layers' });

  for (const [name, topology] of Object.entries({ ...networks, embedding: embedded })) {
    it(`gives the outputs of TensorFlow.js layers: ${name}`, async () => {
      const { tf } = test.engine;
      const before = test.engine.tensorCount();
      const files = layersModelFiles(topology);
      const source = memorySource(files);
      const inspected = await inspectLayersModel(manifest, source);
      const x = name === 'embedding' ? tokens : draws([4, ...inspected.inputs[0]!.shape.map(Number)]);
      const classifier = await openLayersPredictor(source, inspected, test.engine);
      const logits = await classifier.outputs(x);
      await classifier.dispose();
      assert.equal(test.engine.tensorCount(), before);

      // The reference: the same files through tf.loadLayersModel, whose softmax or sigmoid ours leaves off.
      const json = files['model.json'] as { modelTopology: object; weightsManifest: { weights: object[] }[] };
      const weightData = Uint8Array.from(files['weights.bin'] as Uint8Array).buffer;
      const reference = await tf.loadLayersModel({
        load: async () => ({
          modelTopology: json.modelTopology,
          weightSpecs: json.weightsManifest[0]!.weights as never,
          weightData,
        }),
      });
      const ours = tf.tidy(() => {
        const ended = tf.tensor2d(logits.data, logits.shape as [number, number]);
        const { head } = parseTopology(topology, 'classification');
        return (
          head === 'softmax' ? tf.softmax(ended) : head === 'sigmoid' ? tf.softmax(ended).slice([0, 1]) : ended
        ).dataSync();
      });
      const theirs = tf.tidy(() =>
        (reference.predict(tf.tensor(x.data, [...x.shape])) as ReturnType<typeof tf.tensor>).dataSync(),
      );
      reference.dispose();
      assertNear(ours, theirs, 1e-5);
    });
  }

  for (const [name, topology] of Object.entries({ ...networks, embedding: embedded })) {
    it(`has ghost norms equal to explicit per-sample gradients: ${name}`, async () => {
      const { engine } = test;
      const { network, weights } = await readLayersModel(layersModel(topology, 7), 'classification');
      const x = name === 'embedding' ? tokens : draws([3, ...network.inputShape]);
      const samples = x.shape[0]!;
      const labels = Int32Array.from({ length: samples }, (_, row) => row % network.outputCount);
      const state = Object.fromEntries(
        Object.entries(weights).map(([key, { data, shape }]) => [
          key,
          { shape, dtype: 'float32' as const, initial: data },
        ]),
      );
      const lossOf = (tf: typeof engine.tf, logits: ReturnType<typeof tf.zeros>, truth: Int32Array) =>
        tf.neg(
          tf.sum(
            tf.mul(
              tf.logSoftmax(logits),
              tf.cast(tf.oneHot(tf.tensor1d(truth, 'int32'), network.outputCount), 'float32'),
            ),
            -1,
          ),
        );
      const session = engine.session({
        name: 'ghost norms',
        state,
        programs: {
          all: {
            inputs: { x: { shape: x.shape, dtype: 'float32' } },
            run: ({ tf, state: values, inputs }) => ({
              outputs: {
                norms: perSampleGradients(network, { tf, lead: [samples] }, values, inputs.x!, (logits) =>
                  lossOf(tf, logits, labels),
                ).squaredNorms,
              },
            }),
          },
        },
      });
      const ghost = session.run('all', { x }).norms!.data;
      session.dispose();

      // The reference: one sample at a time, gradients of all weights by automatic differentiation.
      const { tf } = engine;
      const trainable = network.weights.filter((weight) => weight.trainable).map((weight) => weight.savedName);
      const explicit = Array.from({ length: samples }, (_, row) =>
        tf.tidy(() => {
          const values = Object.fromEntries(
            Object.entries(weights).map(([key, { data, shape }]) => [key, tf.tensor(data, [...shape])]),
          );
          const width = sizeOf(network.inputShape);
          const sample = tf.tensor(x.data.slice(row * width, (row + 1) * width), [1, ...network.inputShape]);
          const gradients = tf.grads((...given) => {
            const all = { ...values, ...Object.fromEntries(trainable.map((key, index) => [key, given[index]!])) };
            return tf
              .sum(lossOf(tf, forward(network, { tf, lead: [1] }, all, sample), labels.slice(row, row + 1)))
              .asScalar();
          })(trainable.map((key) => values[key]!));
          return tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))).dataSync()[0]!;
        }),
      );
      for (const [row, expected] of explicit.entries()) assert.ok(expected > 1e-8, `row ${row} has a gradient`);
      assertNear(ghost, explicit, 2e-5);
    });
  }

  it('has the closed-form gradient norm of softmax regression', async () => {
    // ‖∇‖ = ‖p − y‖ √(‖x‖² + 1) for a linear softmax layer with bias.
    const { network, weights } = await readLayersModel(layersModel(sequential([4], dense(3)), 2), 'classification');
    const x = draws([5, 4]);
    const labels = [0, 1, 2, 0, 1];
    const session = test.engine.session({
      name: 'regression',
      state: Object.fromEntries(
        Object.entries(weights).map(([key, { data, shape }]) => [
          key,
          { shape, dtype: 'float32' as const, initial: data },
        ]),
      ),
      programs: {
        all: {
          inputs: { x: { shape: x.shape, dtype: 'float32' } },
          run: ({ tf, state, inputs }) => {
            const oneHot = tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), 3), 'float32');
            const { squaredNorms, outputs: logits } = perSampleGradients(
              network,
              { tf, lead: [5] },
              state,
              inputs.x!,
              (z) => tf.neg(tf.sum(tf.mul(tf.logSoftmax(z), oneHot), -1)),
            );
            return { outputs: { squaredNorms, logits } };
          },
        },
      },
    });
    const { squaredNorms, logits } = session.run('all', { x });
    session.dispose();
    const expected = labels.map((label, row) => {
      const z = Array.from(logits!.data.subarray(row * 3, row * 3 + 3));
      const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
      const error = z.reduce((sum, value, index) => sum + (Math.exp(value) / total - Number(index === label)) ** 2, 0);
      return error * (1 + x.data.subarray(row * 4, row * 4 + 4).reduce((sum, value) => sum + value ** 2, 0));
    });
    assertNear(squaredNorms!.data, expected, 1e-5);
  });
});
