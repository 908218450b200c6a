import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aucOfEven, toySignals } from '../toy-signals.js';
import { referenceFeatures, targetFeatures } from './output-features.js';
import { type ShadowClassifierParameters, shadowClassifierScores } from './score.js';
import { drawTrainingRows } from './training-rows.js';

const bothModels: readonly ShadowClassifierParameters[] = [
  { model: 'boostedTrees', rows: 20_000 },
  { model: 'logistic', rows: 20_000 },
];

test('a reference and the target show the same output as the same features', () => {
  const { labels, target, reference } = toySignals(50, 4, 1);
  // The target's outputs, kept as a reference's would be.
  const twin = {
    ...reference,
    models: 1,
    loss: target.loss!,
    scaledConfidence: target.scaledConfidence!,
    correct: target.correct!,
    entropy: Float32Array.from(target.loss!, (_, i) => {
      const row = target.logProbabilities!.data.subarray(3 * i, 3 * i + 3);
      return -row.reduce((sum, logP) => sum + Math.exp(logP) * logP, 0);
    }),
    topProbabilities: {
      data: Float32Array.from({ length: 150 }, (_, at) => {
        const row = target.logProbabilities!.data.slice(3 * Math.floor(at / 3), 3 * Math.floor(at / 3) + 3);
        return Math.exp(row.sort()[2 - (at % 3)]);
      }),
      shape: [1, 50, 3],
    },
  };
  const [shown, kept] = [targetFeatures(labels, target, 3), referenceFeatures(labels, twin, 0)];
  assert.deepEqual(shown.shape, [50, 8]);
  // Entropy is summed in another order: an ulp of float32.
  shown.data.forEach((value, at) => {
    assert.ok(Math.abs(value - kept.data[at]) <= 1.2e-7 * Math.abs(value), `${value} and ${kept.data[at]} at ${at}`);
  });
});

test('with fewer classes than probabilities shown, the rest are 0', () => {
  const { labels, target } = toySignals(5, 2, 2);
  const { data, shape } = targetFeatures(labels, target, 10);
  assert.deepEqual(shape, [5, 15]);
  for (let i = 0; i < 5; i += 1) assert.deepEqual([...data.subarray(15 * i + 3, 15 * i + 10)], [0, 0, 0, 0, 0, 0, 0]);
});

test('learns from as many outputs inside as outside, and no more than asked for', () => {
  const { labels, reference } = toySignals(200, 8, 3);
  const all = drawTrainingRows(labels, reference, 20_000, 1);
  assert.equal(all.inside.length, 1600);
  const some = drawTrainingRows(labels, reference, 301, 1);
  assert.equal(some.inside.length, 300);
  for (const { inside } of [all, some])
    assert.equal(
      inside.reduce((sum, mark) => sum + mark, 0),
      inside.length / 2,
    );
  assert.notDeepEqual(drawTrainingRows(labels, reference, 301, 2).features.data, some.features.data);
});

test('what is learned from does not depend on the order of models', () => {
  const { labels, reference } = toySignals(60, 4, 4);
  const swapped = structuredClone(reference);
  for (const values of [
    swapped.trainedOn,
    swapped.loss,
    swapped.scaledConfidence!,
    swapped.correct!,
    swapped.entropy!,
    swapped.topProbabilities!.data,
  ])
    values.set([...values.slice(values.length / 2), ...values.slice(0, values.length / 2)]);
  assert.deepEqual(drawTrainingRows(labels, swapped, 100, 9), drawTrainingRows(labels, reference, 100, 9));
});

test('learns which class a model remembers, which no threshold on the loss can', () => {
  const n = 600;
  const signals = structuredClone(toySignals(n, 16, 5));
  const { labels, target, reference } = signals;
  // Only class 0 is remembered: elsewhere the 2 nats of training are taken back, and 2 nats of plain ease are given.
  const shift = (i: number, trained: number) => (labels[i] === 0 ? 0 : 2 - 2 * trained);
  const moved = (phi: Float64Array, trained: (at: number) => number) =>
    phi.map((value, at) => value + shift(at % n, trained(at)));
  const referenceConfidence = moved(reference.scaledConfidence!, (at) => reference.trainedOn[at]);
  const confidence = moved(target.scaledConfidence!, (i) => 1 - (i % 2));
  const loss = (phi: Float64Array) => phi.map((value) => Math.log1p(Math.exp(-value)));
  // Other outputs would still tell: make them say nothing.
  const blank = <T extends Float32Array | Uint8Array>(values: T): T => values.fill(0) as T;
  const bank = {
    ...reference,
    scaledConfidence: referenceConfidence,
    loss: loss(referenceConfidence),
    correct: blank(reference.correct!),
    entropy: blank(reference.entropy!),
    topProbabilities: { ...reference.topProbabilities!, data: blank(reference.topProbabilities!.data) },
  };
  const shownTarget = { ...target, scaledConfidence: confidence, loss: loss(confidence) };
  const scores = shadowClassifierScores(labels, shownTarget, bank, bothModels[0], 1);
  const [learned, byLoss] = [scores, shownTarget.loss.map((value) => -value)].map((values) => aucOfEven(values));
  // A third of the pairs is of class 0 on the member's side; standard error 0.024 under chance.
  assert.ok(learned > byLoss, `learned ${learned}, by loss ${byLoss}`);
  assert.ok(learned > 0.55, `learned ${learned}`);
});

test('a bank that remembers nothing teaches nothing', () => {
  const { labels, target, reference } = toySignals(600, 16, 6);
  // Masks of another seed have nothing to do with these outputs.
  const { trainedOn } = toySignals(600, 16, 7).reference;
  // And the target's samples differ by membership as before: whatever is learned by chance has either sign.
  for (const params of bothModels) {
    const real = shadowClassifierScores(labels, target, reference, params, 1);
    const chance = shadowClassifierScores(labels, target, { ...reference, trainedOn }, params, 1);
    const spread = (values: Float64Array) => Math.max(...values) - Math.min(...values);
    assert.ok(spread(chance) < spread(real) / 3, `${params.model}: ${spread(chance)} and ${spread(real)}`);
  }
});
