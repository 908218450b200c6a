import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngramError, type Recipe } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { groupByLength, planBatches } from '../bank/batch-plan.js';
import { inspectModel } from '../catalog.js';
import { assertClose } from '../fixtures/assert-close.js';
import { memorySource } from '../fixtures/memory-source.js';
import { referenceLogProbabilities } from '../fixtures/reference-llama.js';
import { testEngine } from '../fixtures/test-engine.js';
import { parseModelManifest } from '../manifest.js';
import { openLanguageModel } from '../open-language-model.js';
import { byteTokenizerJson, byteTokens } from './byte-tokenizer.js';
import type { LlamaConfig } from './config.js';
import { initialLlamaWeights } from './initial-weights.js';
import { openLlamaWeights } from './open-llama.js';
import { trainLanguageModels } from './train.js';
import type { LanguageBankRequest } from './train-request.js';
import type { LlamaWeights } from './weights.js';
import { writeLlama } from './write-llama.js';

const tiny: LlamaConfig = {
  vocabularySize: 11,
  width: 8,
  feedForwardWidth: 12,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headWidth: 4,
  contextLength: 48,
  normEpsilon: 1e-5,
  ropeTheta: 10_000,
  tiedEmbeddings: true,
  eosTokenIds: [],
};
const sgd: Recipe = {
  optimizer: { kind: 'sgd', learningRate: 0.5 },
  epochs: 2,
  batchSize: 4,
  loss: 'crossEntropy',
  weightDecay: 0,
  schedule: 'constant',
  augmentation: [],
  seed: 1,
};

/** Weights wide enough that every tensor has a gradient worth comparing. */
function wideWeights(config: LlamaConfig): LlamaWeights {
  return Object.fromEntries(
    Object.entries(initialLlamaWeights(config, 6)).map(([name, { data, shape }]) => [
      name,
      { data: data.map((value) => (shape.length === 2 ? value * 20 : value)), shape },
    ]),
  );
}

function sequencesOf(lengths: readonly number[], vocabulary = 11, seed = 2): Int32Array[] {
  const random = createRandom(seed);
  return lengths.map((length) => Int32Array.from({ length }, () => random.integer(vocabulary)));
}
const every = (count: number) => new Uint8Array(count).fill(1);

describe('training language models', () => {
  const test = testEngine();

  for (const tiedEmbeddings of [true, false]) {
    it(`takes the gradient of the mean loss per token, ${tiedEmbeddings ? 'tied' : 'untied'} embeddings, sequences of several lengths`, async () => {
      const config = { ...tiny, tiedEmbeddings };
      const start = wideWeights(config);
      const sequences = sequencesOf([7, 3, 5]);
      const { models } = await trainLanguageModels(test.engine, {
        config,
        sequences,
        recipe: sgd,
        models: [{ seed: 1, trainedOn: every(3), initialWeights: start }],
        steps: 1,
      });
      // The reference: central differences of the loss computed in float64 by loops.
      const loss = (weights: Record<string, { data: ArrayLike<number>; shape: readonly number[] }>) => {
        let [sum, count] = [0, 0];
        for (const sequence of sequences) {
          const rows = referenceLogProbabilities(config, weights, sequence);
          for (let position = 1; position < sequence.length; position++) {
            sum -= rows[position - 1]![sequence[position]!]!;
            count += 1;
          }
        }
        return sum / count;
      };
      const random = createRandom(3);
      for (const [name, { data, shape }] of Object.entries(start)) {
        const at = random.integer(data.length);
        const shifted = (by: number) => {
          const moved = Float64Array.from(data);
          moved[at]! += by;
          return loss({ ...start, [name]: { data: moved, shape } });
        };
        const expected = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
        const actual = (data[at]! - models[0]!.weights[name]!.data[at]!) / 0.5;
        assert.ok(
          Math.abs(actual - expected) < 2e-5 + 1e-3 * Math.abs(expected),
          `${name}[${at}]: ${actual}, expected ${expected}`,
        );
      }
    });
  }

  it('trains each model as it trains alone, to the bit, and leaves no tensor behind', async () => {
    const before = test.engine.tensorCount();
    const sequences = sequencesOf([30, 9, 17, 32, 5, 26, 12, 20, 6, 8]);
    const random = createRandom(4);
    const request: LanguageBankRequest = {
      config: tiny,
      sequences,
      recipe: { ...sgd, optimizer: { kind: 'adamw', learningRate: 0.01 }, weightDecay: 0.1, schedule: 'cosine' },
      models: [1, 2, 3].map((seed) => ({
        seed,
        trainedOn: Uint8Array.from(sequences, () => Number(random.uniform() < 0.7)),
        ...(seed === 3 ? { noise: { std: 1e-3, seed: 5, clip: 1 } } : {}),
      })),
      evaluate: { sequences: sequences.slice(0, 4), at: 'epochs' },
    };
    const together = await trainLanguageModels(test.engine, request);
    const last = await trainLanguageModels(test.engine, { ...request, models: request.models.slice(2) });
    assert.deepEqual(together.models[2], last.models[0]);
    assert.equal(test.engine.tensorCount(), before);
    // Evaluations are those of the trained weights.
    const model = openLlamaWeights(test.engine, tiny, together.models[0]!.weights);
    assertClose(together.models[0]!.evaluations.at(-1)!.loss, await model.sequenceLoss(sequences.slice(0, 4)), 1e-3);
    assert.deepEqual(
      together.models[0]!.evaluations.map((each) => each.step),
      [Math.ceil(count(request.models[0]!.trainedOn) / 4), together.models[0]!.steps],
    );
    await model.dispose();
  });

  it('applies weight decay to matrices and not to normalisation scales', async () => {
    const start = wideWeights(tiny);
    const recipe: Recipe = { ...sgd, optimizer: { kind: 'adamw', learningRate: 1e-6 }, weightDecay: 1e5 };
    const { models } = await trainLanguageModels(test.engine, {
      config: tiny,
      sequences: sequencesOf([9]),
      recipe,
      models: [{ seed: 1, trainedOn: every(1), initialWeights: start }],
      steps: 1,
    });
    const { weights } = models[0]!;
    assertClose(weights['model.norm.weight']!.data, start['model.norm.weight']!.data, 1e-5);
    // rate × decay = 0.1
    assertClose(
      weights['model.embed_tokens.weight']!.data,
      start['model.embed_tokens.weight']!.data.map((value) => value * 0.9),
      1e-5,
    );
  });

  it('refuses sequences and masks that do not fit and recipes that augment, and stops when told', async () => {
    const code = (expected: string) => (error: unknown) => error instanceof EngramError && error.code === expected;
    const train = (change: Partial<LanguageBankRequest>) =>
      trainLanguageModels(test.engine, {
        config: tiny,
        sequences: sequencesOf([9, 9]),
        recipe: sgd,
        models: [{ seed: 1, trainedOn: every(2) }],
        ...change,
      });
    await assert.rejects(train({ sequences: sequencesOf([9, 1]) }), code('ENG_SHAPE_MISMATCH'));
    await assert.rejects(train({ sequences: sequencesOf([9, 49]) }), code('ENG_SHAPE_MISMATCH'));
    await assert.rejects(train({ models: [{ seed: 1, trainedOn: every(3) }] }), code('ENG_SHAPE_MISMATCH'));
    await assert.rejects(
      train({ models: [{ seed: 1, trainedOn: new Uint8Array(2) }] }),
      code('ENG_INSUFFICIENT_SAMPLES'),
    );
    await assert.rejects(train({ recipe: { ...sgd, augmentation: ['shift'] } }), code('ENG_INTERNAL'));
    await assert.rejects(train({ signal: AbortSignal.abort() }), code('ENG_AUDIT_CANCELLED'));
  });

  it('puts sequences of like length into one batch and still shows each once per epoch', () => {
    const lengths = Array.from({ length: 103 }, (_, index) => 1 + ((index * 37) % 100));
    const plan = planBatches(every(103), 10, { epochs: 2 }, 1, groupByLength(lengths, 10));
    const batch = new Int32Array(10);
    const seen: number[] = [];
    let spread = 0;
    for (let step = 0; step < plan.stepsPerEpoch; step++) {
      const members = batch.subarray(0, plan.fill(step, batch, 0));
      seen.push(...members);
      const of = Array.from(members, (index) => lengths[index]!);
      spread += Math.max(...of) - Math.min(...of);
    }
    assert.deepEqual(
      seen.toSorted((a, b) => a - b),
      Array.from({ length: 103 }, (_, index) => index),
    );
    assert.ok(spread / plan.stepsPerEpoch < 20);
  });
});

describe('a language model that has memorised its texts', () => {
  const test = testEngine();
  const config: LlamaConfig = {
    ...tiny,
    vocabularySize: byteTokens.vocabularySize,
    width: 32,
    feedForwardWidth: 64,
    headWidth: 8,
    contextLength: 64,
    bosTokenId: byteTokens.bos,
    eosTokenIds: [byteTokens.eos],
  };

  it('is written, inspected and opened again, recites what it was trained on, and generates suffixes as often as their probability says', async () => {
    const random = createRandom(21);
    const letters = 'abcdefgh';
    const texts = Array.from({ length: 40 }, () =>
      Array.from({ length: 16 }, () => letters[random.integer(8)]).join(''),
    );
    const sequences = texts.map((text) => Int32Array.from([byteTokens.bos, ...Buffer.from(text)]));
    const recipe: Recipe = { ...sgd, optimizer: { kind: 'adam', learningRate: 0.01 }, epochs: 250, batchSize: 10 };
    const trainedOn = Uint8Array.from(sequences, (_, index) => Number(index < 20));
    const { models } = await trainLanguageModels(test.engine, {
      config,
      sequences,
      recipe,
      models: [{ seed: 1, trainedOn }],
    });
    assert.ok(models[0]!.trainLoss.at(-1)! < 0.5 * models[0]!.trainLoss[0]!);

    const source = memorySource(writeLlama(config, models[0]!.weights, byteTokenizerJson()));
    const inspected = await inspectModel(parseModelManifest({ name: 'memory', kind: 'causal-lm' }).manifest, source);
    const model = await openLanguageModel(source, inspected, { engine: test.engine });
    assert.deepEqual(model.encode(texts[0]!), sequences[0]);
    assert.equal(model.decode(sequences[0]!), texts[0]);
    const losses = await model.sequenceLoss(sequences);
    const mean = (from: number, to: number) => losses.subarray(from, to).reduce((a, b) => a + b) / (to - from);
    assert.ok(mean(0, 20) < 0.6 * mean(20, 40), `${mean(0, 20)} against ${mean(20, 40)} nats`);

    // Suffixes of three tokens: 2,000 draws each, inside the 99 % interval for at least 97 of 100 records in expectation.
    const signals = await model.tokenSignals(sequences);
    const records = sequences
      .map((sequence, index) => ({
        prefix: sequence.subarray(0, 14),
        suffix: sequence.subarray(14),
        probability: Math.exp(signals[index]!.logProbability.subarray(14).reduce((a, b) => a + b)),
      }))
      .filter((record) => record.probability > 0.01);
    assert.ok(records.length >= 15, `${records.length} records with p > 0.01`);
    const draws = 2000;
    let inside = 0;
    for (const [index, { prefix, suffix, probability }] of records.entries()) {
      const generations = await model.generate!(Array<Int32Array>(draws).fill(prefix), {
        maxTokens: 3,
        decoder: { kind: 'sample' },
        seed: index,
      });
      const hits = generations.filter((generation) => String(generation) === String(suffix)).length;
      // The exact interval contains p when neither binomial tail is below 0.005.
      const cdf = binomialCdf(hits, draws, probability);
      const below = binomialCdf(hits - 1, draws, probability);
      inside += Number(cdf >= 0.005 && 1 - below >= 0.005);
    }
    assert.ok(inside >= Math.floor(0.97 * records.length), `${inside} of ${records.length} inside`);
    await model.dispose();
  });
});

function count(mask: Uint8Array): number {
  return mask.reduce((sum, each) => sum + each, 0);
}

/** P[Binomial(n, p) ≤ k], summed in log space. */
function binomialCdf(k: number, n: number, p: number): number {
  let logTerm = n * Math.log1p(-p);
  let sum = k >= 0 ? Math.exp(logTerm) : 0;
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(logTerm);
  }
  return sum;
}
