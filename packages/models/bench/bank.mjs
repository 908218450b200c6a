// Models per minute of training banks: laid out by the rule, in one process of all threads and in as many processes as
// threads (as workers on one machine share a bank), the same models one by one, and where Python finds PyTorch, PyTorch one
// by one: in turns, several rounds, as ratios.
// Run after a build: [PYTHON=python3] node packages/models/bench/bank.mjs [models] [samples] [epochs] [rounds] [network]
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openEngine } from '@engram/engine';
import { trainBank } from '@engram/models';
import { createRandom } from '@engram/numeric';
import { parseTopology } from '../dist/network/parse-topology.js';

const [models = 64, samples = 2000, epochs = 20, rounds = 3] = process.argv.slice(2, 6).map(Number);
const only = process.argv[6];
/** A process that trains a share of a bank when told to. */
const isPart = process.send !== undefined;
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
const wanted = Object.entries(networks).filter(([name]) => only === undefined || name === only);
if (isPart) await trainPart(wanted[0][1]);
else await compare();
engine.close();

async function compare() {
  console.log(`${models} models, ${samples} samples (half in each training set), ${epochs} epochs, batch 64, Adam`);
  console.log(`${engine.info.device}, ${engine.info.threads} threads, TensorFlow ${engine.info.libraryVersion}`);
  for (const [name, network] of wanted) {
    const request = requestOf(network, models);
    // One by one takes longer and varies little between models: eight of them tell the pace.
    const few = Math.min(8, models);
    const turns = [];
    for (let round = 0; round < rounds; round += 1) {
      const bank = await timed(request);
      const shared = await sharedPerMinute(name, engine.info.threads);
      const single = await timed(
        { ...request, models: request.models.slice(0, few) },
        { modelsPerGraph: 1, stacked: false, stepsPerCall: 1 },
      );
      turns.push({
        bank: bank.perMinute,
        shared,
        single: single.perMinute,
        torch: torchPerMinute(name, few),
        facts: bank.facts,
      });
    }
    const median = (values) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
    const ratio = (of, to) => {
      const ratios = turns.map((turn) => turn[of] / turn[to]);
      return `${median(ratios).toFixed(2)} (worst ${Math.min(...ratios).toFixed(2)})`;
    };
    const perMinute = (of) => `${median(turns.map((turn) => turn[of])).toFixed(0)} models/min`;
    const { modelsPerGraph, mode } = turns[0].facts;
    console.log(`${name}: ${modelsPerGraph} per graph, ${mode}`);
    console.log(`  one process   ${perMinute('bank')}; ratio to one by one ${ratio('bank', 'single')}`);
    console.log(`  ${engine.info.threads} processes   ${perMinute('shared')}`);
    console.log(
      turns[0].torch === null
        ? '  PyTorch not found'
        : `  ratio to PyTorch one by one: one process ${ratio('bank', 'torch')}, ${engine.info.threads} processes ${ratio('shared', 'torch')}`,
    );
  }
}

function requestOf(network, count) {
  const random = createRandom(1);
  const shape = [samples, ...network.inputShape];
  const size = shape.reduce((a, b) => a * b);
  return {
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
    models: Array.from({ length: count }, (_, seed) => ({
      seed,
      trainedOn: Uint8Array.from({ length: samples }, () => Number(random.uniform() < 0.5)),
    })),
  };
}

async function timed(request, layout) {
  const start = performance.now();
  const { facts } = await trainBank(engine, request, layout);
  return { facts, perMinute: (request.models.length / (performance.now() - start)) * 60_000 };
}

/** The bank in equal shares, each in a process of one thread; compiling is in the time, as it is above. */
async function sharedPerMinute(network, processes) {
  const share = Math.ceil(models / processes);
  const options = [share, samples, epochs, 1, network].map(String);
  const env = { ...process.env, TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1', OMP_NUM_THREADS: '1' };
  const parts = Array.from({ length: processes }, () => fork(fileURLToPath(import.meta.url), options, { env }));
  await Promise.all(parts.map((part) => once(part, 'message')));
  const start = performance.now();
  const ended = Promise.all(parts.map((part) => once(part, 'message')));
  for (const part of parts) part.send('train');
  await ended;
  return ((share * processes) / (performance.now() - start)) * 60_000;
}

async function trainPart(network) {
  const request = requestOf(network, models);
  process.send('ready');
  await once(process, 'message');
  await trainBank(engine, request);
  process.send('trained');
  process.disconnect();
}

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
