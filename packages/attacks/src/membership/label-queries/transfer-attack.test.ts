import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '@engram/numeric';
import { changeBudgets } from './change-path.js';
import { madeOracle } from './made-oracle.js';
import { type LinearModel, linearSurrogates, logitOf } from './made-surrogates.js';
import { type TransferSettings, transferAttack } from './transfer-attack.js';

const settings: TransferSettings = { thresholds: [0.5, 0.2, 0.01], steps: 30, largestChange: 0.3, range: [-10, 10] };

const width = 4;
const random = createRandom(9);
const draw = (spread: number): LinearModel => ({
  weights: Array.from({ length: width }, () => spread * random.normal()),
  bias: random.normal(),
});
const oracleOf = (model: LinearModel, rowsPerBatch?: number) =>
  madeOracle([width], (row) => Number(logitOf(model, row) > 0), rowsPerBatch);

/** Three sources that agree on the direction and one validation model. */
const bankOf = (source: LinearModel, validation: LinearModel) => linearSurrogates([source, source, source, validation]);

function drawn(n: number) {
  return {
    inputs: Float32Array.from({ length: n * width }, () => random.normal()),
    labels: Int32Array.from({ length: n }, () => random.integer(2)),
    first: 0,
  };
}

/**
 * What follows for logistic regressions, whose gradients are the same everywhere: after a change of B in every value the
 * sample is x - B sign(w) for label 1, and x + B sign(w) for label 0, so every logit along the way is known, and so is the
 * change at which the validation model's is that of a threshold: steps do not show.
 *
 * @returns null where rounding could decide.
 */
function expectedValue(row: Float32Array, label: number, source: LinearModel, models: [LinearModel, LinearModel]) {
  const side = 2 * label - 1;
  const [validation, target] = models.map((model) => ({
    logit: side * logitOf(model, row),
    fall: model.weights.reduce((sum, weight, j) => sum + weight * Math.sign(source.weights[j]), 0),
  }));
  if (target.logit <= 0) return 0;
  const largest = changeBudgets(settings).at(-1)!;
  let score = 1;
  for (const threshold of settings.thresholds) {
    const excess = validation.logit - Math.log(threshold / (1 - threshold));
    const change = excess <= 0 ? 0 : excess / validation.fall;
    const logit = target.logit - change * target.fall;
    if (Math.abs(logit) < 1e-4 || Math.abs(change - largest) < 1e-4) return null;
    score += Number(change >= 0 && change <= largest && logit > 0);
  }
  return score;
}

describe('the transfer attack', () => {
  test('scores logistic regressions by the budgets that follow from their weights', async () => {
    const found = new Set<number>();
    for (let trial = 0; trial < 6; trial += 1) {
      const [source, validation, target] = [draw(1.5), draw(1), draw(1)];
      const samples = drawn(80);
      const { values } = await transferAttack(samples, oracleOf(target), bankOf(source, validation), settings);
      values.forEach((value, i) => {
        const row = samples.inputs.subarray(i * width, (i + 1) * width);
        const expected = expectedValue(row, samples.labels[i], source, [validation, target]);
        if (expected !== null) assert.equal(value, expected, `${trial} ${i}`);
        found.add(value);
      });
    }
    assert.deepEqual([...found].sort(), [0, 1, 2, 3, 4]);
  });

  test('puts a target that holds on longer than the reference models above one that lets go before them', async () => {
    const reference = { weights: [1, 1, 1, 1], bias: 0 };
    const samples = { inputs: Float32Array.of(1, 1, 1, 1), labels: Int32Array.of(1), first: 0 };
    const scoreOf = async (bias: number) =>
      (await transferAttack(samples, oracleOf({ ...reference, bias }), bankOf(reference, reference), settings))
        .values[0];
    // From 4 nats the references come down to 0, -1.386 and -4.595: a target that is so much surer still gives the label.
    assert.deepEqual(await Promise.all([-5, -0.01, 0.01, 1.38, 1.39, 4.59, 4.6].map(scoreOf)), [0, 1, 2, 2, 3, 3, 4]);
  });

  test('counts a sample the reference models never saw through at once, for the one label that was asked for', async () => {
    const blind = { weights: [1, 0, 0, 0], bias: -9 };
    const samples = { inputs: Float32Array.of(1, 1, 1, 1), labels: Int32Array.of(1), first: 0 };
    const target = oracleOf({ weights: [1, 1, 1, 1], bias: 0 });
    const { values, queries } = await transferAttack(samples, target, bankOf(blind, blind), settings);
    assert.deepEqual([values[0], queries, target.asked.rows], [4, 1, 1]);
  });

  test('asks once about a sample the target gets wrong, and no reference model', async () => {
    const bank = bankOf(draw(1), draw(1));
    const samples = { inputs: new Float32Array(width), labels: Int32Array.of(1), first: 0 };
    const target = oracleOf({ weights: [0, 0, 0, 0], bias: -1 });
    const { values, queries, unreached } = await transferAttack(samples, target, bank, settings);
    assert.deepEqual([values[0], queries, unreached, bank.asked.length], [0, 1, 0, 0]);
  });

  test('neither asks about thresholds the largest change does not reach nor counts them, and says how many', async () => {
    // Of a range of 20, 0.3 are 6: at most 0.06 nats of the 3.
    const firm = { weights: [0.01, 0, 0, 0], bias: 3 };
    const samples = { inputs: new Float32Array(width), labels: Int32Array.of(1), first: 0 };
    const target = oracleOf({ weights: [0, 0, 0, 0], bias: 1 });
    const { values, queries, unreached } = await transferAttack(samples, target, bankOf(firm, firm), settings);
    assert.deepEqual([values[0], queries, unreached], [1, 1, 3]);
  });

  test('asks at most one label for the sample and one for each threshold, within the range of the inputs', async () => {
    const [source, validation, target] = [draw(1), draw(1), draw(1)];
    const samples = drawn(40);
    const range = [-1, 2] as const;
    const inside = { ...samples, inputs: samples.inputs.map((value) => Math.min(2, Math.max(-1, value))) };
    const oracle = oracleOf(target);
    const outside: number[] = [];
    const watched = {
      ...oracle,
      classify: (rows: Parameters<typeof oracle.classify>[0]) => {
        outside.push(...[...rows.data].filter((value) => value < range[0] || value > range[1]));
        return oracle.classify(rows);
      },
    };
    const shares: number[] = [];
    const onProgress = (share: number) => shares.push(share);
    const found = await transferAttack(inside, watched, bankOf(source, validation), { ...settings, range, onProgress });
    assert.deepEqual(outside, []);
    assert.equal(found.queries, oracle.asked.rows);
    assert.ok(found.queries > 40 && found.queries <= 4 * 40);
    assert.ok(shares.length > 0 && shares.every((share, k) => share <= 1 && (k === 0 || share > shares[k - 1])));
  });

  test('reads of each model only the samples it did not train on, and is the same in any portions', async () => {
    const models = Array.from({ length: 12 }, () => draw(1));
    const target = draw(1);
    const samples = drawn(30);
    const bank = linearSurrogates(models, (model, sample) => (model + sample) % 3 > 0);
    const whole = await transferAttack(samples, oracleOf(target), bank, settings);
    assert.ok(new Set(whole.values).size > 2);
    // A third of the samples was in each model's training: it is asked about the others alone.
    assert.ok(bank.asked.every(({ rows }) => rows <= 20));
    const part = {
      inputs: samples.inputs.subarray(10 * width, 19 * width),
      labels: samples.labels.subarray(10, 19),
      first: 10,
    };
    const found = await transferAttack(part, oracleOf(target, 2), bank, settings);
    assert.deepEqual(found.values, whole.values.subarray(10, 19));
  });
});
