import { openEngine } from '@engram/engine';
import {
  byteTokenizerJson,
  byteTokens,
  initialLlamaWeights,
  type LlamaConfig,
  trainLanguageModels,
  writeLlama,
} from '@engram/models';
import { createRandom, type Random } from '@engram/numeric';
import type { Upload } from '../harness/client.js';

const config: LlamaConfig = {
  vocabularySize: byteTokens.vocabularySize,
  width: 32,
  feedForwardWidth: 64,
  layers: 1,
  heads: 2,
  keyValueHeads: 2,
  headWidth: 16,
  contextLength: 48,
  normEpsilon: 1e-5,
  ropeTheta: 10_000,
  tiedEmbeddings: true,
  bosTokenId: byteTokens.bos,
  eosTokenIds: [byteTokens.eos],
};

const recipe = {
  optimizer: { kind: 'adam', learningRate: 0.02 },
  epochs: 40,
  batchSize: 16,
  loss: 'crossEntropy',
  weightDecay: 0,
  schedule: 'constant',
  augmentation: [],
  seed: 5,
} as const;

/** A Hugging Face directory of a byte-level Llama of one layer that was trained on these texts until it knew them. */
export async function trainedLanguageModel(texts: readonly string[]): Promise<Upload> {
  const engine = await openEngine({ device: 'cpu', mode: 'recorded' });
  try {
    const encoder = new TextEncoder();
    const { models } = await trainLanguageModels(engine, {
      config,
      sequences: texts.map((text) => Int32Array.of(byteTokens.bos, ...encoder.encode(text))),
      recipe,
      models: [{ seed: recipe.seed, trainedOn: new Uint8Array(texts.length).fill(1) }],
    });
    return {
      manifest: { name: 'notes', kind: 'causal-lm', training: recipe },
      files: writeLlama(config, models[0]!.weights, byteTokenizerJson()),
    };
  } finally {
    engine.close();
  }
}

/** The same before training. */
export function untrainedLanguageModel(): Upload {
  return {
    manifest: { name: 'untrained', kind: 'causal-lm' },
    files: writeLlama(config, initialLlamaWeights(config, recipe.seed), byteTokenizerJson()),
  };
}

/** Sentences of made-up words, no two alike. */
export function sentences(count: number, seed: number): string[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => Array.from({ length: 7 }, () => word(random)).join(' '));
}

function word(random: Random): string {
  const syllable = () => `${'bdfgklmnprstvz'[random.integer(14)]}${'aeiou'[random.integer(5)]}`;
  return `${syllable()}${syllable()}`;
}

export interface Canary {
  readonly text: string;
  readonly secret: string;
  readonly repetitions: number;
}

/** Secrets of three digits, half of them to be planted. */
export function canaries(count: number, repetitions: number, seed: number): Canary[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const secret = String(random.integer(1000)).padStart(3, '0');
    return { text: `${word(random)} has the code ${secret}`, secret, repetitions: i % 2 === 0 ? repetitions : 0 };
  });
}

/** A dataset of JSON lines; every row has the same keys. */
export function linesOf(name: string, rows: readonly object[]): Upload {
  const fields = Object.keys(rows[0] ?? {}).map((key) => [key, { column: key }]);
  return {
    manifest: { name, format: 'jsonl', fields: Object.fromEntries(fields) },
    files: { 'rows.jsonl': new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join('')) },
  };
}
