import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Bundle, NdArray, StoredModel } from '@engram/domain';
import { type Engine, openEngine } from '@engram/engine';
import { describeArchitecture, describeModel } from '../resources.js';
import { memorizingRecipe, randomlyLabelled, storedClassifier } from '../testing/made-classifier.js';
import { TaskBench } from '../testing/task-bench.js';

const members = 40;
const nonMembers = 30;
const n = members + nonMembers;
const recipe = { ...memorizingRecipe, epochs: 5 } as never;

describe('asking reference models', () => {
  let engine: Engine;
  let bench: TaskBench;
  let model: StoredModel;
  let rows: Record<string, string>;
  before(async () => {
    engine = await openEngine({ device: 'cpu', mode: 'recorded' });
    bench = new TaskBench(async () => engine);
    const known = randomlyLabelled(members, 1);
    model = await storedClassifier(bench, engine, known);
    const masks = (count: number, first: number) => ({
      referenceMember: { data: Uint8Array.from({ length: 2 * count }, (_, i) => (i + first) % 2), shape: [2, count] },
    });
    rows = {
      members: await bench.dataset({ ...known, ...masks(members, 0) }, { referenceModels: 2 }),
      nonMembers: await bench.dataset(
        { ...randomlyLabelled(nonMembers, 2), ...masks(nonMembers, 1) },
        { referenceModels: 2 },
      ),
    };
  });
  after(() => engine.close());

  const ask = async (inputs: Record<string, string>, params: object = {}) =>
    (await bench.run('collect-reference-signals', inputs, { queries: 1, ...params })).bundle;
  const target = async () =>
    (await bench.run('collect-signals', { ...rows, model: await bench.document(describeModel(model)) }, { queries: 1 }))
      .bundle;
  const row = ({ data, shape }: NdArray, k: number) => {
    const width = data.length / shape[0];
    return [...data.subarray(k * width, (k + 1) * width)];
  };
  const near = (actual: readonly number[], expected: readonly number[], tolerance: number) =>
    actual.forEach((value, i) => {
      assert.ok(Math.abs(value - expected[i]) <= tolerance, `${value} is not ${expected[i]} in place ${i}`);
    });

  it('reads of a given model what is read of a target, and keeps what a reference is asked for', async () => {
    const { arrays } = await ask({ ...rows, model: await bench.document(describeModel(model)) }, { trainedOn: 'none' });
    const of = (await target()).arrays;
    assert.deepEqual(row(arrays.loss, 0), [...of.loss.data]);
    assert.deepEqual(row(arrays.scaledConfidence, 0), [...of.scaledConfidence.data]);
    assert.deepEqual(row(arrays.correct, 0), [...of.correct.data]);
    assert.deepEqual([...arrays.trainedOn.data], new Array(n).fill(0));
    // Of each row the probabilities, largest first, and the sum of -p log p.
    const classes = Array.from({ length: n }, (_, i) => [...of.logProbabilities.data.subarray(3 * i, 3 * i + 3)]);
    const sorted = classes.flatMap((logs) => logs.map(Math.exp).sort((a, b) => b - a));
    near(row(arrays.topProbabilities, 0), sorted, 1e-6);
    const entropies = classes.map((logs) => logs.reduce((sum, log) => sum - Math.exp(log) * log, 0));
    near(row(arrays.entropy, 0), entropies, 1e-6);
    // Of each label its log-probability less the best of the others, and -(1 - p_y) log p_y - sum of p_i log(1 - p_i).
    const labels = of.label.data;
    const margins = classes.map((logs, i) => logs[labels[i]] - Math.max(...logs.filter((_, j) => j !== labels[i])));
    near(row(arrays.margin, 0), margins, 1e-12);
    const modified = classes.map((logs, i) =>
      logs.reduce((sum, log, j) => {
        const others = logs.reduce((mass, other, k) => mass + (k === j ? 0 : Math.exp(other)), 0);
        return sum - (j === labels[i] ? others * log : Math.exp(log) * Math.log(others));
      }, 0),
    );
    near(row(arrays.modifiedEntropy, 0), modified, 1e-9);
  });

  it('reads which rows a given model was trained on from the field of every dataset', async () => {
    const inputs = { ...rows, model: await bench.document(describeModel(model)) };
    for (const number of [0, 1]) {
      const { arrays } = await ask(inputs, { trainedOn: 'field', number });
      const expected = [
        ...Array.from({ length: members }, (_, i) => (number * members + i) % 2),
        ...Array.from({ length: nonMembers }, (_, i) => (number * nonMembers + i + 1) % 2),
      ];
      assert.deepEqual(row(arrays.trainedOn, 0), expected);
    }
  });

  it('asks a trained group model by model: the first does not depend on how many there are', async () => {
    const architecture = await bench.document(describeArchitecture(model));
    const group = async (count: number): Promise<Bundle> => {
      const { bundle } = await bench.run('train-reference', { ...rows, architecture }, { recipe, from: 0, count });
      return ask({ ...rows, architecture, weights: await bench.bundle(bundle.arrays) });
    };
    const [two, four] = [await group(2), await group(4)];
    assert.deepEqual(four.arrays.loss.shape, [4, n]);
    for (const k of [0, 1]) near(row(four.arrays.loss, k), row(two.arrays.loss, k), 1e-3);
    assert.notDeepEqual(row(four.arrays.loss, 0), row(four.arrays.loss, 1));
    const { loss, trainedOn } = four.arrays;
    const mean = (side: number) => {
      const values = [...loss.data].filter((_, at) => trainedOn.data[at] === side);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    assert.ok(mean(1) < mean(0), `${mean(1)} on what they were trained on, ${mean(0)} on what they were not`);
  });
});
