import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NdArray } from '@engram/domain';
import { TaskBench } from '../testing/task-bench.js';
import { vector } from './audit-rows.js';

const ln = Math.log;
const close = (array: NdArray | undefined, expected: readonly number[]) => {
  assert.equal(array?.data.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(Math.abs(array!.data[i] - value) < 1e-12, `${array!.data[i]} is not ${value}`);
  });
};
const floats = (...values: number[]) => vector(Float64Array.from(values));

describe('collecting signals from recorded outputs', () => {
  it('reads members, then non-members', async () => {
    const bench = new TaskBench();
    const { bundle, facts } = await bench.run('collect-signals', {
      members: await bench.dataset({ loss: floats(1, 2) }),
      nonMembers: await bench.dataset({ loss: floats(3) }),
    });
    assert.deepEqual([...bundle.arrays.membership.data], [1, 1, 0]);
    close(bundle.arrays.loss, [1, 2, 3]);
    assert.deepEqual(facts, { samples: 3 });
    assert.equal(bundle.arrays.logProbabilities, undefined);
  });

  it('keeps the order of an audit set, whose member field says who is one', async () => {
    const bench = new TaskBench();
    const { bundle } = await bench.run('collect-signals', {
      auditSet: await bench.dataset({ loss: floats(1, 2, 3), member: vector(Uint8Array.of(0, 1, 0)) }),
    });
    assert.deepEqual([...bundle.arrays.membership.data], [0, 1, 0]);
    close(bundle.arrays.loss, [1, 2, 3]);
  });

  it('gives scaled confidence for a loss and a loss for scaled confidence', async () => {
    const bench = new TaskBench();
    // p = 1/2 and 1/4: losses ln 2 and ln 4, scaled confidences 0 and -ln 3.
    const nonMembers = await bench.dataset({ loss: floats(ln(2)), scaledConfidence: floats(0) });
    const byLoss = await bench.run('collect-signals', {
      members: await bench.dataset({ loss: floats(ln(2), ln(4)) }),
      nonMembers,
    });
    close(byLoss.bundle.arrays.scaledConfidence, [0, -ln(3), 0]);
    const byConfidence = await bench.run('collect-signals', {
      members: await bench.dataset({ scaledConfidence: floats(0, -ln(3)) }),
      nonMembers,
    });
    close(byConfidence.bundle.arrays.loss, [ln(2), ln(4), ln(2)]);
  });

  it('counts losses of 0 as outputs that say no more than that they are certain', async () => {
    const bench = new TaskBench();
    const { bundle } = await bench.run('collect-signals', {
      members: await bench.dataset({ loss: floats(0, 0, 1) }),
      nonMembers: await bench.dataset({ loss: floats(1) }),
    });
    assert.equal(bundle.meta.clippedShare, 0.5);
    assert.ok(bundle.arrays.scaledConfidence.data.every(Number.isFinite));
  });

  it('holds recorded labels against the true ones, alone or beside a loss', async () => {
    const bench = new TaskBench();
    const said = { predictedLabel: vector(Int32Array.of(2, 0)), label: vector(Int32Array.of(2, 1)) };
    const collected = async (...parts: Parameters<TaskBench['dataset']>[0][]) => {
      const [members, nonMembers] = await Promise.all(parts.map((part) => bench.dataset(part)));
      return (await bench.run('collect-signals', { members, nonMembers })).bundle.arrays;
    };
    const loss = { ...said, loss: floats(1, 2) };
    const alone = await collected(loss, said);
    assert.deepEqual(Object.keys(alone).sort(), ['correct', 'label', 'membership']);
    assert.deepEqual([...alone.correct.data], [1, 0, 1, 0]);
    const both = await collected(loss, loss);
    assert.deepEqual([...both.correct.data], [1, 0, 1, 0]);
    close(both.loss, [1, 2, 1, 2]);
  });

  it('prefers logits, which say most', async () => {
    const bench = new TaskBench();
    const part = (label: number) =>
      bench.dataset({
        logits: { data: Float32Array.of(0, 0), shape: [1, 2] },
        label: vector(Int32Array.of(label)),
        loss: floats(99),
      });
    const { bundle } = await bench.run('collect-signals', { members: await part(0), nonMembers: await part(1) });
    close(bundle.arrays.loss, [ln(2), ln(2)]);
    assert.deepEqual(bundle.arrays.logProbabilities.shape, [2, 2]);
    assert.deepEqual([...bundle.arrays.correct.data], [1, 0]);
  });

  it('lays given references out model by model over all rows, and the population beside them', async () => {
    const bench = new TaskBench();
    const side = (losses: readonly number[], member: readonly number[], own: readonly number[]) =>
      bench.dataset(
        {
          loss: vector(Float64Array.from(own)),
          referenceLoss: { data: Float64Array.from(losses), shape: [2, own.length] },
          referenceMember: { data: Uint8Array.from(member), shape: [2, own.length] },
        },
        { referenceModels: 2 },
      );
    const { bundle } = await bench.run('collect-signals', {
      members: await side([1, 2, 10, 20], [1, 0, 0, 1], [5, 5]),
      nonMembers: await side([3, 30], [1, 0], [5]),
      population: await side([4, 40], [0, 0], [7]),
    });
    const { arrays } = bundle;
    assert.deepEqual(arrays['reference.loss'].shape, [2, 3]);
    close(arrays['reference.loss'], [1, 2, 3, 10, 20, 30]);
    close(arrays['reference.trainedOn'], [1, 0, 1, 0, 1, 0]);
    close(arrays['population.loss'], [7]);
    close(arrays['population.referenceLoss'], [4, 40]);
    assert.equal(arrays['reference.correct'], undefined);
  });

  it('tells losses under other probabilities of the truth where they are asked for, of references and population too', async () => {
    const bench = new TaskBench();
    const side = (field: 'logits' | 'probabilities', values: readonly number[]) => {
      const row = Float64Array.from(values);
      return bench.dataset(
        {
          [field]: { data: row, shape: [1, 3] },
          label: vector(Int32Array.of(0)),
          [field === 'logits' ? 'referenceLogits' : 'referenceProbabilities']: { data: row, shape: [1, 1, 3] },
          referenceMember: { data: Uint8Array.of(0), shape: [1, 1] },
        },
        { referenceModels: 1 },
      );
    };
    const lossesUnder = [
      { kind: 'softmax', temperature: 2 },
      { kind: 'taylor', temperature: 2 },
    ];
    const ask = async (field: 'logits' | 'probabilities', values: readonly number[], params = {}) => {
      const one = await side(field, values);
      return (await bench.run('collect-signals', { members: one, nonMembers: one, population: one }, params)).bundle
        .arrays;
    };
    const near = (array: NdArray | undefined, expected: number) => {
      for (const loss of array!.data) assert.ok(Math.abs(Math.exp(-loss) - expected) < 5e-9, `${Math.exp(-loss)}`);
    };
    const [softmax, taylor] = ['lossUnder.softmax:2', 'lossUnder.taylor:2'];
    const whole = await ask('logits', [2, 1, 0], { lossesUnder });
    for (const place of ['', 'reference.', 'population.', 'population.reference.']) {
      near(whole[place + softmax], 0.50648039);
      near(whole[place + taylor], 0.36036907);
    }
    assert.deepEqual(
      [whole[taylor].shape, whole[`reference.${taylor}`].shape],
      [
        [1, 2],
        [1, 1, 2],
      ],
    );
    const sum = Math.E ** 2 + Math.E + 1;
    const shares = await ask('probabilities', [Math.E ** 2 / sum, Math.E / sum, 1 / sum], { lossesUnder });
    near(shares[softmax], 0.50648039);
    near(shares[`reference.${softmax}`], 0.50648039);
    // Logits are known of probabilities up to a constant alone, which the Taylor softmax is not blind to.
    assert.equal(shares[taylor], undefined);
    const unasked = Object.keys(await ask('logits', [2, 1, 0]));
    assert.ok(!unasked.some((name) => name.includes('lossUnder')));
  });

  it('counts probabilities of given references that are certain to their precision', async () => {
    const bench = new TaskBench();
    const side = (models: readonly number[]) =>
      bench.dataset(
        {
          logits: { data: Float64Array.of(1, 0), shape: [1, 2] },
          label: vector(Int32Array.of(0)),
          referenceProbabilities: { data: Float64Array.from(models), shape: [2, 1, 2] },
          referenceMember: { data: Uint8Array.of(1, 0), shape: [2, 1] },
        },
        { referenceModels: 2 },
      );
    // Of four answers the first model's about the member alone leaves a class nothing.
    const members = await side([1, 0, 0.7, 0.3]);
    const { bundle } = await bench.run('collect-signals', { members, nonMembers: await side([0.6, 0.4, 0.7, 0.3]) });
    assert.deepEqual([bundle.meta.clippedShare, bundle.meta.referenceClippedShare], [0, 0.25]);
  });

  it('counts which references were right where their outputs tell', async () => {
    const bench = new TaskBench();
    const side = (label: number) =>
      bench.dataset(
        {
          logits: { data: Float64Array.of(1, 0), shape: [1, 2] },
          label: vector(Int32Array.of(label)),
          referenceLogits: { data: Float64Array.of(1, 0, 0, 1), shape: [2, 1, 2] },
          referenceMember: { data: Uint8Array.of(1, 0), shape: [2, 1] },
        },
        { referenceModels: 2 },
      );
    const { bundle } = await bench.run('collect-signals', { members: await side(0), nonMembers: await side(1) });
    close(bundle.arrays['reference.correct'], [1, 0, 0, 1]);
    // Logits (1, 0) and (0, 1): both give the larger class 1 / (1 + e^-1).
    const large = 1 / (1 + Math.exp(-1));
    const top = bundle.arrays['reference.topProbabilities'];
    assert.deepEqual(top.shape, [2, 2, 2]);
    top.data.forEach((value, at) => {
      assert.ok(Math.abs(value - (at % 2 === 0 ? large : 1 - large)) < 1e-7);
    });
    const entropy = -large * ln(large) - (1 - large) * ln(1 - large);
    assert.ok(bundle.arrays['reference.entropy'].data.every((value: number) => Math.abs(value - entropy) < 1e-7));
  });
});
