// Models per minute of training banks: laid out by the rule, the same models one by one, and where Python finds PyTorch,
// PyTorch one by one: in turns, several rounds, as ratios.
// Run after a build: [PYTHON=python3] node packages/models/bench/bank.mjs [models] [samples] [epochs] [rounds]
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openEngine } from '@engram/engine';
import { trainBank } from '@engram/models';
import { createRandom } from '@engram/numeric';
import { parseTopology } from '../dist/network/parse-topology.js';

const given = process.argv.slice(2).map(Number);
const [models = 64, samples = 2000, epochs = 20, rounds = 3] = given;
const layer = (className, config = {}) => ({ class_name: className, config });
const sequential = (inputShape, ...layers) =>
  parseTopology(
    {
      class_name: 'Sequential',
      config: {
        layers: layers.map(({ class_name, config }, index) => ({
          class_name,
          config: {
            name: `${class_name}_${index}`,
            ...config,
            ...(index === 0 ? { batch_input_shape: [null, ...inputShape] } : {}),
          },
        })),
      },
    },
    'classification',
  );
// Weights start uniform, as PyTorch's layers do: a normal draw costs four times as much.
const kernel_initializer = { class_name: 'GlorotUniform', config: {} };
const dense = (units, activation = 'relu') => layer('Dense', { units, activation, kernel_initializer });
const conv = (filters) => layer('Conv2D', { filters, kernel_size: 3, activation: 'relu', kernel_initializer });
const networks = {
  'MLP 30-64-2': sequential([30], dense(64), dense(2, 'softmax')),
  'MLP 784-128-10': sequential([784], dense(128), dense(10, 'softmax')),
  'MLP 600-512-256-100': sequential([600], dense(512), dense(256), dense(100, 'softmax')),
  'CNN 28x28, 16-32 conv, 64 dense': sequential(
    [28, 28, 1],
    conv(16),
    layer('MaxPooling2D'),
    conv(32),
    layer('MaxPooling2D'),
    layer('Flatten'),
    dense(64),
    dense(10, 'softmax'),
  ),
};

const engine = await openEngine();
console.log(`${models} models, ${samples} samples (half in each training set), ${epochs} epochs, batch 64, Adam`);
console.log(`${engine.info.device}, ${engine.info.threads} threads, TensorFlow ${engine.info.libraryVersion}`);
for (const [name, network] of Object.entries(networks)) {
  const random = createRandom(1);
  const shape = [samples, ...network.inputShape];
  const size = shape.reduce((a, b) => a * b);
  const request = {
    network,
    inputs: { data: Float32Array.from({ length: size }, () => random.normal()), shape },
    labels: Int32Array.from({ length: samples }, () => random.integer(network.outputCount)),
    recipe: {
      optimizer: { kind: 'adam', learningRate: 1e-3 },
      epochs,
      batchSize: 64,
      loss: 'crossEntropy',
      weightDecay: 0,
      schedule: 'constant',
      augmentation: [],
      seed: 1,
    },
    models: Array.from({ length: models }, (_, seed) => ({
      seed,
      trainedOn: Uint8Array.from({ length: samples }, () => Number(random.uniform() < 0.5)),
    })),
  };
  const timed = async (request, layout) => {
    const start = performance.now();
    const { facts } = await trainBank(engine, request, layout);
    return { facts, perMinute: (request.models.length / (performance.now() - start)) * 60_000 };
  };
  // One by one takes longer and varies little between models: eight of them tell the pace.
  const few = Math.min(8, models);
  const turns = [];
  for (let round = 0; round < rounds; round += 1) {
    const bank = await timed(request);
    const single = await timed(
      { ...request, models: request.models.slice(0, few) },
      { modelsPerGraph: 1, stacked: false, stepsPerCall: 1 },
    );
    turns.push({ bank, single: single.perMinute, torch: torchPerMinute(name, few) });
  }
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const ratio = (of) => {
    const ratios = turns.map((turn) => turn.bank.perMinute / turn[of]);
    return `${median(ratios).toFixed(2)} (worst ${Math.min(...ratios).toFixed(2)})`;
  };
  const { facts } = turns[0].bank;
  console.log(
    `${name.padEnd(32)} ${facts.modelsPerGraph} per graph, ${facts.mode}: ` +
      `${median(turns.map(({ bank }) => bank.perMinute)).toFixed(0)} models/min, ${facts.sampleStepsPerSecond.toFixed(0)} sample-steps/s; ` +
      `ratio to one by one ${ratio('single')}` +
      (turns[0].torch === null ? '; PyTorch not found' : `; ratio to PyTorch one by one ${ratio('torch')}`),
  );
}
engine.close();

/** Null where PyTorch cannot be imported. */
function torchPerMinute(network, count) {
  const script = fileURLToPath(new URL('bank_pytorch.py', import.meta.url));
  const options = [network, count, samples, epochs, engine.info.threads].map(String);
  try {
    const output = execFileSync(process.env.PYTHON ?? 'python3', [script, ...options], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return (count / JSON.parse(output).seconds) * 60;
  } catch {
    return null;
  }
}
