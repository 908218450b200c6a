// UCI Adult (census income) and a wide multilayer perceptron trained long enough to remember people.
import { gunzipSync } from 'node:zlib';
import { readShared } from './shared-data.mjs';

export const name = 'Adult MLP';
export const classes = 2;
export const sizes = { members: 5000, nonMembers: 3500, calibration: 1500 };
export const recipe = {
  optimizer: { kind: 'adam', learningRate: 0.001 },
  epochs: 40,
  batchSize: 64,
  loss: 'crossEntropy',
  seed: 3,
};

const numeric = new Set([0, 2, 4, 10, 11, 12]);

/** Every person: numbers standardised, categories one-hot, label 1 = earns over 50K. */
export function samples() {
  const people = [
    ['adult.data.gz', 0],
    ['adult.test.gz', 1],
  ].flatMap(([file, skip]) =>
    gunzipSync(readShared('adult', file))
      .toString('utf8')
      .split('\n')
      .slice(skip)
      .map((line) => line.replace(/\.$/, '').split(', '))
      .filter((fields) => fields.length === 15),
  );
  const columns = Array.from({ length: 14 }, (_, column) =>
    numeric.has(column) ? standardised(people, column) : oneHot(people, column),
  );
  return people.map((fields, i) => ({
    input: Float32Array.from(columns.flatMap((column) => column(fields, i))),
    label: Number(fields[14] === '>50K'),
  }));
}

export const inputShape = undefined;

export function layers(tf, width) {
  const seeded = (seed) => ({ kernelInitializer: tf.initializers.heNormal({ seed }) });
  return [
    tf.layers.dense({ inputShape: [width], units: 256, activation: 'relu', ...seeded(1) }),
    tf.layers.dense({ units: 128, activation: 'relu', ...seeded(2) }),
    tf.layers.dense({ units: classes, ...seeded(3) }),
  ];
}

function standardised(people, column) {
  const values = people.map((fields) => Number(fields[column]));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return (fields) => [(Number(fields[column]) - mean) / spread];
}

function oneHot(people, column) {
  const known = [...new Set(people.map((fields) => fields[column]))].sort();
  return (fields) => known.map((value) => Number(value === fields[column]));
}
