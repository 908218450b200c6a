import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom, scaledConfidenceFromLogits } from '@engram/numeric';
import { initialWeights } from '../bank/initial-weights.js';
import { layer, sequential } from '../fixtures/layers-model.js';
import { testEngine } from '../fixtures/test-engine.js';
import { openInputGradients } from './open-input-gradients.js';
import { openNetwork } from './open-network.js';
import { parseTopology } from './parse-topology.js';

const random = createRandom(5);
const draws = (length: number, scale = 1) => Float32Array.from({ length }, () => scale * random.normal());

describe('gradients by the inputs', () => {
  const tested = testEngine();

  it('are the weights of a logistic regression, whoever is sure and however sure', async () => {
    const network = parseTopology(
      sequential([3], layer('Dense', { units: 1, activation: 'sigmoid' })),
      'classification',
    );
    const open = openInputGradients(tested.engine, network);
    const [kernel, bias] = network.weights.map(({ savedName }) => savedName);
    for (const scale of [1, 40]) {
      const data = Float32Array.of(0.5 * scale, -1 * scale, 2 * scale);
      open.load({ [kernel!]: { data, shape: [3, 1] }, [bias!]: { data: Float32Array.of(1), shape: [1] } });
      const { logits, gradients } = await open.ask(Float32Array.of(1, 1, 1, 1, 1, 1), Int32Array.of(1, 0));
      assert.deepEqual([...logits.data], [0, 1.5 * scale + 1, 0, 1.5 * scale + 1]);
      // The logit-scaled confidence in class 1 is w x + b itself, in class 0 minus that: at 61 nats too.
      assert.deepEqual([...gradients], [...data, ...data.map((weight) => -weight)]);
    }
    open.dispose();
  });

  for (const [name, shape, layers] of [
    ['a dense network', [6], [layer('Dense', { units: 8, activation: 'tanh' }), layer('Dense', { units: 4 })]],
    [
      'a convolution',
      [5, 5, 1],
      [
        layer('Conv2D', { filters: 3, kernel_size: 3, activation: 'tanh' }),
        layer('Flatten'),
        layer('Dense', { units: 4 }),
      ],
    ],
  ] as const)
    it(`are those of ${name} by differences, for more rows than one run takes`, async () => {
      const network = parseTopology(sequential(shape, ...layers), 'classification');
      const weights = initialWeights(network, 3);
      const [open, plain] = [openInputGradients(tested.engine, network), openNetwork(tested.engine, network)];
      open.load(weights);
      plain.load(weights);
      const rows = 300;
      const width = shape.reduce((a: number, b) => a * b, 1);
      const inputs = draws(rows * width);
      const labels = Int32Array.from({ length: rows }, () => random.integer(4));
      const { logits, gradients } = await open.ask(inputs, labels);
      assert.deepEqual(logits, await plain.outputs({ data: inputs, shape: [rows, ...shape] }));
      // Central differences along one direction for all rows: float32 logits leave an error of about 1e-7 / 2e-2.
      const [direction, h] = [draws(width), 1e-2];
      const moved = async (by: number) => {
        const data = inputs.map((value, at) => value + by * direction[at % width]!);
        return scaledConfidenceFromLogits(await plain.outputs({ data, shape: [rows, ...shape] }), labels);
      };
      const [above, below] = [await moved(h), await moved(-h)];
      for (let i = 0; i < rows; i += 1) {
        const slope = direction.reduce((sum, value, j) => sum + value * gradients[i * width + j]!, 0);
        assert.ok(Math.abs(slope - (above[i]! - below[i]!) / (2 * h)) < 1e-3 * (1 + Math.abs(slope)), `row ${i}`);
      }
      open.dispose();
      plain.dispose();
    });
});
