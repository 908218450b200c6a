// Models per minute and sample-steps per second of training banks, laid out by the rule and one by one.
// Run after a build: node packages/models/bench/bank.mjs [models] [samples] [epochs]
import { openEngine } from '@engram/engine';
import { trainBank } from '@engram/models';
import { createRandom } from '@engram/numeric';
import { parseTopology } from '../dist/network/parse-topology.js';

const [models, samples, epochs] = [process.argv[2] ?? 64, process.argv[3] ?? 2000, process.argv[4] ?? 5].map(Number);
const layer = (className, config = {}) => ({ class_name: className, config });
const sequential = (inputShape, ...layers) =>
  parseTopology({
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
  });
const dense = (units, activation = 'relu') => layer('Dense', { units, activation });
const conv = (filters) => layer('Conv2D', { filters, kernel_size: 3, activation: 'relu' });
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
    labels: Int32Array.from({ length: samples }, () => random.integer(network.classCount)),
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
  const timed = async (layout) => {
    const start = performance.now();
    const { facts } = await trainBank(engine, request, layout);
    return { facts, perMinute: (models / (performance.now() - start)) * 60_000 };
  };
  const bank = await timed();
  const single = await timed({ modelsPerGraph: 1, stacked: false, stepsPerCall: 1 });
  console.log(
    `${name.padEnd(32)} ${bank.facts.modelsPerGraph} per graph, ${bank.facts.mode}: ${bank.perMinute.toFixed(0)} models/min, ` +
      `${bank.facts.sampleStepsPerSecond.toFixed(0)} sample-steps/s; one by one: ${single.perMinute.toFixed(0)} models/min ` +
      `(ratio ${(bank.perMinute / single.perMinute).toFixed(2)})`,
  );
}
engine.close();
