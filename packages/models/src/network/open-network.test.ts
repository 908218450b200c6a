import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { initialWeights } from '../bank/initial-weights.js';
import { layer, layersModelFiles, sequential } from '../fixtures/layers-model.js';
import { memorySource } from '../fixtures/memory-source.js';
import { testEngine } from '../fixtures/test-engine.js';
import { isArchitectureFile, readLayersNetwork } from '../tfjs-layers/read-model.js';
import { lastDenseLayer } from './last-layer.js';
import { openNetwork } from './open-network.js';

const topology = sequential([2], layer('Dense', { units: 3, use_bias: true }));

describe('an open network', () => {
  const tested = testEngine();

  it('answers by whichever weights it was given last', async () => {
    const files = layersModelFiles(topology);
    const network = await readLayersNetwork(memorySource({ 'model.json': files['model.json'] }), 'classification');
    const open = openNetwork(tested.engine, network);
    const x = { data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] };
    for (const seed of [1, 2, 1]) {
      const weights = initialWeights(network, seed);
      open.load(weights);
      const { data, shape } = await open.outputs(x);
      assert.deepEqual(shape, [2, 3]);
      // Unit vectors pick the rows of the kernel; the bias starts at 0.
      const kernel = Object.values(weights).find((weight) => weight.shape.length === 2)!;
      assert.deepEqual([...data], [...kernel.data]);
    }
    open.dispose();
  });

  it('tells what its last layer read, after the activation before it', async () => {
    const deep = sequential(
      [2],
      layer('Dense', { units: 3, activation: 'relu' }),
      layer('Dropout', { rate: 0.5 }),
      layer('Dense', { units: 1, activation: 'sigmoid', use_bias: false }),
    );
    const network = await readLayersNetwork(
      memorySource({ 'model.json': layersModelFiles(deep)['model.json'] }),
      'classification',
    );
    assert.deepEqual(lastDenseLayer(network), { width: 3, head: 'sigmoid', bias: false });
    const open = openNetwork(tested.engine, network);
    const weights = initialWeights(network, 3);
    open.load(weights);
    const x = { data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] };
    const { features, outputs } = await open.lastLayer!(x);
    const [kernel, , head] = network.weights.map(({ savedName }) => weights[savedName]!.data);
    assert.deepEqual([...features.data], [...kernel!.map((value) => Math.max(0, value))]);
    assert.deepEqual(outputs.shape, [2, 2]);
    for (const row of [0, 1]) {
      const z = head!.reduce((sum, weight, k) => sum + weight * features.data[3 * row + k]!, 0);
      assert.equal(outputs.data[2 * row], 0);
      assert.ok(Math.abs(outputs.data[2 * row + 1]! - z) < 1e-6);
    }
    assert.deepEqual(await open.outputs(x), outputs);
    open.dispose();
  });

  it('tells what a regression was made of', async () => {
    const deep = sequential([2], layer('Dense', { units: 3, activation: 'relu' }), layer('Dense', { units: 1 }));
    const source = memorySource({ 'model.json': layersModelFiles(deep, 1, 'regression')['model.json'] });
    const network = await readLayersNetwork(source, 'regression');
    assert.deepEqual(lastDenseLayer(network), { width: 3, head: 'linear', bias: true });
    const open = openNetwork(tested.engine, network);
    const weights = initialWeights(network, 4);
    open.load(weights);
    const { features, outputs } = await open.lastLayer!({ data: Float32Array.of(1, 2, 3, -4), shape: [2, 2] });
    assert.deepEqual(
      [features.shape, outputs.shape],
      [
        [2, 3],
        [2, 1],
      ],
    );
    const [, , kernel, bias] = network.weights.map(({ savedName }) => weights[savedName]!.data);
    for (const row of [0, 1]) {
      const sum = kernel!.reduce((total, weight, k) => total + weight * features.data[3 * row + k]!, bias![0]!);
      assert.ok(Math.abs(outputs.data[row]! - sum) < 1e-6);
    }
    open.dispose();
  });

  it('has no last layer to tell of when a convolution gives its logits', async () => {
    const pooled = sequential(
      [4, 4, 1],
      layer('Conv2D', { filters: 2, kernel_size: 3 }),
      layer('GlobalAveragePooling2D', {}),
    );
    const network = await readLayersNetwork(
      memorySource({ 'model.json': layersModelFiles(pooled)['model.json'] }),
      'classification',
    );
    assert.equal(lastDenseLayer(network), undefined);
    const open = openNetwork(tested.engine, network);
    assert.equal(open.lastLayer, undefined);
    open.dispose();
  });

  it('is read from the architecture alone', () => {
    assert.deepEqual(['model.json', 'a/model.json', 'weights.bin', 'mymodel.json'].map(isArchitectureFile), [
      true,
      true,
      false,
      false,
    ]);
  });
});
