import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { initialWeights } from '../bank/initial-weights.js';
import { layer, layersModelFiles, sequential } from '../fixtures/layers-model.js';
import { memorySource } from '../fixtures/memory-source.js';
import { testEngine } from '../fixtures/test-engine.js';
import { isArchitectureFile, readLayersNetwork } from '../tfjs-layers/read-model.js';
import { openNetwork } from './open-network.js';

const topology = sequential([2], layer('Dense', { units: 3, use_bias: true }));

describe('an open network', () => {
  const tested = testEngine();

  it('answers by whichever weights it was given last', async () => {
    const files = layersModelFiles(topology);
    const network = await readLayersNetwork(memorySource({ 'model.json': files['model.json'] }));
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

  it('is read from the architecture alone', () => {
    assert.deepEqual(['model.json', 'a/model.json', 'weights.bin', 'mymodel.json'].map(isArchitectureFile), [
      true,
      true,
      false,
      false,
    ]);
  });
});
