import type { StoredModel } from '@engram/domain';
import type { Engine } from '@engram/engine';
import { byteTokenizerJson, byteTokens, type LlamaConfig, trainLanguageModels, writeLlama } from '@engram/models';
import { createRandom, sha256Hex } from '@engram/numeric';
import type { TaskBench } from './task-bench.js';

const config: LlamaConfig = {
  vocabularySize: byteTokens.vocabularySize,
  width: 32,
  feedForwardWidth: 64,
  layers: 1,
  heads: 2,
  keyValueHeads: 2,
  headWidth: 16,
  contextLength: 40,
  normEpsilon: 1e-5,
  ropeTheta: 10_000,
  tiedEmbeddings: true,
  bosTokenId: byteTokens.bos,
  eosTokenIds: [byteTokens.eos],
};

const recipe = {
  optimizer: { kind: 'adam', learningRate: 0.02 },
  epochs: 30,
  batchSize: 16,
  loss: 'crossEntropy',
  weightDecay: 0,
  schedule: 'constant',
  augmentation: [],
  seed: 5,
} as const;

/** Texts of letters drawn at random: nothing but memory can continue them. */
export function randomTexts(count: number, seed: number): string[] {
  const random = createRandom(seed);
  const letter = () => String.fromCharCode(97 + random.integer(26));
  return Array.from({ length: count }, () => Array.from({ length: 24 }, letter).join(''));
}

/** A byte-level language model of one layer trained on these texts, stored as an upload would be. */
export async function storedLanguageModel(
  bench: TaskBench,
  engine: Engine,
  texts: readonly string[],
): Promise<StoredModel> {
  const encoder = new TextEncoder();
  const { models } = await trainLanguageModels(engine, {
    config,
    sequences: texts.map((text) => Int32Array.of(byteTokens.bos, ...encoder.encode(text))),
    recipe,
    models: [{ seed: recipe.seed, trainedOn: new Uint8Array(texts.length).fill(1) }],
  });
  const written = Object.entries(writeLlama(config, models[0].weights, byteTokenizerJson()));
  const files = await Promise.all(
    written.map(async ([path, bytes]) => ({ path, sizeBytes: bytes.length, digest: await bench.put(bytes) })),
  );
  return {
    id: 'mdl_00000002',
    name: 'target',
    manifest: { name: 'target', kind: 'causal-lm', training: recipe as never },
    inspected: {
      kind: 'causal-lm',
      task: 'causal-lm',
      inputs: [{ name: 'tokens', shape: [null], dtype: 'int32' }],
      output: { shape: [config.vocabularySize], meaning: 'logits' },
      vocabularySize: config.vocabularySize,
      contextLength: config.contextLength,
      parameterCount: 20_000,
      abilities: ['perTokenLogProbs', 'fullVocabulary', 'generate', 'weights', 'train'],
      digest: sha256Hex(JSON.stringify(files)),
    },
    files,
  };
}
