/**
 * One side of one row of the bench, in a process of its own: prepares, then answers each line "seconds" on standard input
 * with how many samples it did in that time. So the sides of a row can take turns, and noise of the machine meets all.
 */
import { createInterface } from 'node:readline';
import type { LayersModel, Tensor, Variable } from '@tensorflow/tfjs';
import { type Engine, openEngine } from '../engine.js';
import { sizeOf } from '../session/arrays.js';
import type { Session } from '../session/spec.js';
import type { TensorFlow } from '../tensorflow/backend.js';
import { loadTensorFlow } from '../tensorflow/load.js';
import { cnnModel, cnnRows, cnnSession } from './cnn.js';
import { llamaSession } from './llama.js';
import { mlpRows, mlpSession, mlpSizes } from './mlp.js';
import { noise } from './noise.js';

type Side = 'eager' | 'recorded' | 'xla';
const [row, side] = process.argv.slice(2) as [string, Side];
const [kind, first = 0, second = 0] = row.split('-').map((part, i) => (i === 0 ? part : Number(part))) as [
  string,
  number,
  number,
];

/** Runs once and returns the samples done. */
const once = side === 'eager' ? eagerSide(stockTensorFlow()) : sessionSide(await openEngine(), side);
once();
once();
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  let samples = 0;
  while (performance.now() - started < Number(line) * 1000) samples += once();
  const { user, system } = process.cpuUsage(cpu);
  process.stdout.write(
    `${JSON.stringify({ samples, seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 })}\n`,
  );
}

function indices(count: number, below: number): Int32Array {
  return Int32Array.from({ length: count }, () => Math.floor(Math.random() * below));
}

function sessionSide(engine: Engine, mode: 'recorded' | 'xla'): () => number {
  let session: Session;
  switch (kind) {
    case 'mlp':
      session = engine.session(mlpSession(mode, first));
      return () => {
        session.run('step', { rows: indices(first, mlpRows), rate: 1e-3 });
        return first;
      };
    case 'bank':
      session = engine.session(mlpSession(mode, second, first));
      return () => {
        session.run('step', { rows: indices(first * second, mlpRows), rate: 1e-3 });
        return first * second;
      };
    case 'cnn':
      session = engine.session(cnnSession(engine.tf, mode, first));
      return () => {
        session.run('step', { rows: indices(first, cnnRows) });
        return first;
      };
    case 'llama':
      session = engine.session(llamaSession(mode, first, second));
      return () => {
        session.run('score', { tokens: indices(first * second, 49152) });
        return first * second;
      };
    default:
      return matMulSide(engine, mode);
  }
}

/** Samples are floating point operations: what a large matrix product reaches is the floor for everything else. */
function matMulSide(engine: Engine, mode: 'recorded' | 'xla'): () => number {
  const size = 2048;
  const session = engine.session({
    name: 'matMul',
    mode,
    state: { a: { shape: [size, size], dtype: 'float32', initial: noise(size * size, 1, 1) } },
    programs: {
      square: {
        inputs: {},
        run: ({ tf, state }) => ({ outputs: { y: tf.max(tf.matMul(state.a!, state.a!)) } }),
      },
    },
  });
  return () => {
    session.run('square');
    return 2 * size ** 3;
  };
}

/** Without the engine's own kernels. */
function stockTensorFlow(): TensorFlow {
  process.env.TF_CPP_MIN_LOG_LEVEL = '2';
  return loadTensorFlow();
}

/** What a user of TensorFlow.js writes: a tf.layers model, tf.train.adam, kernel by kernel. */
function eagerSide(tf: TensorFlow): () => number {
  const [model, rows, shape, classes]: [LayersModel, number, number[], number] =
    kind === 'cnn' ? [cnnModel(tf), cnnRows, [28, 28, 1], 10] : [eagerMlp(tf), mlpRows, [600], 100];
  const x = tf.tensor(noise(rows * sizeOf(shape), 1, 3), [rows, ...shape]);
  const y = tf.oneHot(
    tf.tensor1d(
      Int32Array.from({ length: rows }, (_, i) => i % classes),
      'int32',
    ),
    classes,
  );
  const optimizer = tf.train.adam(1e-3);
  const weights = model.trainableWeights.map((weight) => weight.read() as Variable);
  return () => {
    tf.tidy(() => {
      const at = tf.tensor1d(indices(first, rows), 'int32');
      const [xs, ys] = [tf.gather(x, at), tf.gather(y, at)];
      const loss = optimizer.minimize(
        () => tf.losses.softmaxCrossEntropy(ys, model.apply(xs, { training: true }) as Tensor).asScalar(),
        true,
        weights,
      );
      loss!.dataSync();
    });
    return first;
  };
}

function eagerMlp(tf: TensorFlow) {
  const [inputs, ...units] = mlpSizes;
  return tf.sequential({
    layers: units.map((count, i) =>
      tf.layers.dense({
        units: count,
        ...(i === 0 ? { inputShape: [inputs] } : {}),
        ...(i < units.length - 1 ? { activation: 'relu' } : {}),
      }),
    ),
  });
}
