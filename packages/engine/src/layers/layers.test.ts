import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LayersModel, layers, Tensor, Variable } from '@tensorflow/tfjs';
import type { Mode, Program } from '../session/spec.js';
import { assertAllClose, testEngine, wave } from '../testing/test-engine.js';
import { prepareOptimizer } from './prepare-optimizer.js';
import { withSeededLayers } from './seeded-layers.js';

const engine = await testEngine();
const { tf } = engine;

/**
 * Layers by name, the shape of their input without the batch, and how many rows there are where the input holds indices.
 * `-1`: tfjs has no gradient for the layer, so it is run forwards only.
 */
type Case = readonly [name: string, input: readonly number[], make: () => layers.Layer, indices?: number];
const forwardOnly = -1;

const cases: readonly Case[] = [
  ['Dense', [5], () => tf.layers.dense({ units: 3, activation: 'relu' })],
  ['Dense of sequences', [4, 5], () => tf.layers.dense({ units: 3, activation: 'tanh', kernelRegularizer: 'l1l2' })],
  ['EinsumDense-free Dense with constraint', [5], () => tf.layers.dense({ units: 3, kernelConstraint: 'maxNorm' })],
  ['Activation sigmoid', [6], () => tf.layers.activation({ activation: 'sigmoid' })],
  ['Activation elu', [6], () => tf.layers.activation({ activation: 'elu' })],
  ['Activation selu', [6], () => tf.layers.activation({ activation: 'selu' })],
  ['Activation softplus', [6], () => tf.layers.activation({ activation: 'softplus' })],
  ['Activation softsign', [6], () => tf.layers.activation({ activation: 'softsign' })],
  ['Activation relu6', [6], () => tf.layers.activation({ activation: 'relu6' })],
  ['Activation hardSigmoid', [6], () => tf.layers.activation({ activation: 'hardSigmoid' })],
  ['Activation swish', [6], () => tf.layers.activation({ activation: 'swish' })],
  ['Activation mish', [6], () => tf.layers.activation({ activation: 'mish' })],
  ['Activation gelu', [6], () => tf.layers.activation({ activation: 'gelu' })],
  ['Activation gelu_new', [6], () => tf.layers.activation({ activation: 'gelu_new' })],
  ['ReLU', [6], () => tf.layers.reLU({ maxValue: 0.5 })],
  ['LeakyReLU', [6], () => tf.layers.leakyReLU({ alpha: 0.2 })],
  ['PReLU', [6], () => tf.layers.prelu({ alphaInitializer: 'ones' })],
  ['ELU', [6], () => tf.layers.elu()],
  ['ThresholdedReLU', [6], () => tf.layers.thresholdedReLU({ theta: 0.3 })],
  ['Softmax', [6], () => tf.layers.softmax()],
  ['Flatten', [3, 4], () => tf.layers.flatten()],
  ['Reshape', [3, 4], () => tf.layers.reshape({ targetShape: [2, 6] })],
  ['Permute', [3, 4], () => tf.layers.permute({ dims: [2, 1] })],
  ['RepeatVector', [4], () => tf.layers.repeatVector({ n: 3 })],
  ['Masking', [4, 3], () => tf.layers.masking({ maskValue: 0 })],
  ['Embedding', [4], () => tf.layers.embedding({ inputDim: 7, outputDim: 3 }), 7],
  ['BatchNormalization of vectors', [5], () => tf.layers.batchNormalization()],
  ['BatchNormalization of images', [4, 4, 3], () => tf.layers.batchNormalization({ momentum: 0.9 })],
  ['LayerNormalization', [5], () => tf.layers.layerNormalization()],
  ['Dropout', [8], () => tf.layers.dropout({ rate: 0.4 })],
  ['Dropout with a shared mask', [3, 8], () => tf.layers.dropout({ rate: 0.4, noiseShape: [null, 1, 8] as number[] })],
  ['SpatialDropout1D', [4, 6], () => tf.layers.spatialDropout1d({ rate: 0.4 })],
  ['GaussianNoise', [8], () => tf.layers.gaussianNoise({ stddev: 0.3 })],
  ['GaussianDropout', [8], () => tf.layers.gaussianDropout({ rate: 0.3 })],
  ['AlphaDropout', [8], () => tf.layers.alphaDropout({ rate: 0.3 })],
  ['Conv1D', [8, 3], () => tf.layers.conv1d({ filters: 4, kernelSize: 3, padding: 'same' })],
  ['Conv2D', [6, 6, 2], () => tf.layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu' })],
  ['Conv2D strided', [6, 6, 2], () => tf.layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' })],
  ['Conv2DTranspose', [4, 4, 2], () => tf.layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2 })],
  ['Conv3D', [4, 4, 4, 2], () => tf.layers.conv3d({ filters: 2, kernelSize: 2 })],
  ['Conv3DTranspose', [3, 3, 3, 2], () => tf.layers.conv3dTranspose({ filters: 2, kernelSize: 2 }), forwardOnly],
  ['SeparableConv2D', [6, 6, 2], () => tf.layers.separableConv2d({ filters: 3, kernelSize: 3 })],
  ['DepthwiseConv2D', [6, 6, 2], () => tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 })],
  [
    'Cropping2D',
    [6, 6, 2],
    () =>
      tf.layers.cropping2D({
        cropping: [
          [1, 1],
          [0, 2],
        ],
      }),
  ],
  ['ZeroPadding2D', [3, 3, 2], () => tf.layers.zeroPadding2d({ padding: [1, 2] })],
  ['UpSampling2D', [3, 3, 2], () => tf.layers.upSampling2d({ size: [2, 2] })],
  ['UpSampling2D bilinear', [3, 3, 2], () => tf.layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear' })],
  ['MaxPooling1D', [8, 3], () => tf.layers.maxPooling1d({ poolSize: 2 })],
  ['AveragePooling1D', [8, 3], () => tf.layers.averagePooling1d({ poolSize: 2 })],
  ['MaxPooling2D', [6, 6, 2], () => tf.layers.maxPooling2d({ poolSize: 2 })],
  ['AveragePooling2D', [6, 6, 2], () => tf.layers.averagePooling2d({ poolSize: 3, strides: 1, padding: 'same' })],
  ['MaxPooling3D', [4, 4, 4, 2], () => tf.layers.maxPooling3d({ poolSize: 2 })],
  ['AveragePooling3D', [4, 4, 4, 2], () => tf.layers.averagePooling3d({ poolSize: 2 })],
  ['GlobalAveragePooling1D', [5, 3], () => tf.layers.globalAveragePooling1d()],
  ['GlobalMaxPooling1D', [5, 3], () => tf.layers.globalMaxPool1d()],
  ['GlobalAveragePooling2D', [4, 4, 3], () => tf.layers.globalAveragePooling2d({})],
  ['GlobalMaxPooling2D', [4, 4, 3], () => tf.layers.globalMaxPool2d({})],
  ['SimpleRNN', [4, 3], () => tf.layers.simpleRNN({ units: 5, dropout: 0.2, recurrentDropout: 0.3 })],
  ['GRU', [4, 3], () => tf.layers.gru({ units: 4, dropout: 0.2 })],
  ['LSTM', [4, 3], () => tf.layers.lstm({ units: 4, recurrentDropout: 0.3, returnSequences: true })],
  [
    'StackedRNNCells',
    [4, 3],
    () => tf.layers.rnn({ cell: [tf.layers.lstmCell({ units: 3 }), tf.layers.gruCell({ units: 2 })] }),
  ],
  ['ConvLSTM2D', [3, 5, 5, 2], () => tf.layers.convLstm2d({ filters: 2, kernelSize: 3 })],
  [
    'Bidirectional',
    [4, 3],
    () =>
      tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 3, dropout: 0.2 }) as layers.RNN, mergeMode: 'concat' }),
  ],
  ['TimeDistributed', [4, 3], () => tf.layers.timeDistributed({ layer: tf.layers.dropout({ rate: 0.4 }) })],
  ['Rescaling', [4, 4, 3], () => tf.layers.rescaling({ scale: 0.5, offset: 0.1 })],
  ['CenterCrop', [6, 6, 2], () => tf.layers.centerCrop({ height: 4, width: 4 }), forwardOnly],
];

const merges: readonly (readonly [string, () => layers.Layer])[] = [
  ['Add', () => tf.layers.add()],
  ['Multiply', () => tf.layers.multiply()],
  ['Average', () => tf.layers.average()],
  ['Maximum', () => tf.layers.maximum()],
  ['Minimum', () => tf.layers.minimum()],
  ['Concatenate', () => tf.layers.concatenate()],
  ['Dot', () => tf.layers.dot({ axes: -1 })],
];

function sequential(input: readonly number[], layer: layers.Layer): LayersModel {
  const inputs = tf.input({ shape: [...input] });
  return tf.model({ inputs, outputs: layer.apply(inputs) as never });
}

function merged(layer: layers.Layer): LayersModel {
  const inputs = tf.input({ shape: [4] });
  const left = tf.layers.dense({ units: 3 }).apply(inputs);
  const right = tf.layers.dense({ units: 3, activation: 'tanh' }).apply(inputs);
  return tf.model({ inputs, outputs: layer.apply([left, right] as never) as never });
}

/** Trains the model for three steps in a mode: losses, outputs at inference, and weights afterwards. */
function trained(model: LayersModel, input: readonly number[], mode: Mode, indices: number) {
  const batch = 3;
  const shape = [batch, ...input];
  const size = shape.reduce((a, b) => a * b, 1);
  const x = indices > 0 ? wave(size).map((v) => Math.floor(Math.abs(v) * indices * 0.999)) : wave(size, 1.5);
  const optimizer = tf.train.momentum(0.05, 0.9);
  const weights = model.trainableWeights.map((weight) => weight.read() as Variable);
  if (weights.length > 0) prepareOptimizer(tf, optimizer, weights);
  const inputs = { x: { shape, dtype: 'float32' as const } };
  const step: Program = {
    inputs,
    run({ inputs: fed, random }) {
      if (indices === forwardOnly) return { outputs: {} };
      const lossOf = () =>
        withSeededLayers(tf, model, random, () => {
          const y = model.apply(fed.x!, { training: true }) as Tensor;
          return tf.add(tf.mean(tf.square(tf.sub(y, 0.3))), tf.mean(tf.cos(y))).asScalar();
        });
      if (weights.length === 0) {
        const { value, grad } = tf.valueAndGrad((v: Tensor) =>
          withSeededLayers(tf, model, random, () => tf.mean(tf.square(model.apply(v, { training: true }) as Tensor))),
        )(fed.x!);
        return { outputs: { loss: value as Tensor, grad: grad as Tensor } as Record<string, Tensor> };
      }
      const { value, grads } = tf.variableGrads(lossOf, weights);
      optimizer.applyGradients(grads as Record<string, Variable>);
      return { outputs: { loss: value } as Record<string, Tensor> };
    },
  };
  const predict: Program = {
    inputs,
    run: ({ inputs: fed, random }) => ({
      outputs: {
        y: withSeededLayers(tf, model, random, () => model.apply(fed.x!, { training: false }) as Tensor),
      },
    }),
  };
  const session = engine.session({ name: 'layer', mode, programs: { step, predict } });
  const result = {
    step1: session.run('step', { x }),
    step2: session.run('step', { x }),
    step3: session.run('step', { x }),
    predict: session.run('predict', { x }),
  };
  session.dispose();
  optimizer.dispose();
  // MomentumOptimizer overrides the dispose that frees this.
  (optimizer as unknown as { c: Tensor }).c.dispose();
  return result;
}

function compare(model: LayersModel, input: readonly number[], indices = 0): void {
  const recorded = trained(model, input, 'recorded', indices);
  const xla = trained(model, input, 'xla', indices);
  const eager = trained(model, input, 'eager', indices);
  for (const part of ['step1', 'step2', 'step3', 'predict'] as const) {
    assertAllClose(recorded[part], eager[part], 2e-6, `recorded ${part}`);
    assertAllClose(xla[part], eager[part], 1e-4, `xla ${part}`);
  }
  model.dispose();
}

for (const [name, input, make, indices] of cases) {
  test(`trains and predicts the same recorded, with XLA and eagerly: ${name}`, () => {
    const before = engine.tensorCount();
    compare(sequential(input, make()), input, indices);
    assert.equal(engine.tensorCount(), before, 'tensors left over');
  });
}
for (const [name, make] of merges) {
  test(`trains and predicts the same recorded, with XLA and eagerly: ${name}`, () => {
    const before = engine.tensorCount();
    compare(merged(make()), [4]);
    assert.equal(engine.tensorCount(), before, 'tensors left over');
  });
}
