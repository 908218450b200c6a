import { openEngine } from '@engram/engine';
import { byteTokenizerJson, initialLlamaWeights, writeLlama } from '@engram/models';
import { byteLlama, byteLlamaRecipe, trainByteLlama } from '@engram/models/testing';
import { createRandom, type Random } from '@engram/numeric';
import type { Upload } from '../harness/client.js';

const config = byteLlama(48);
const recipe = byteLlamaRecipe(40);

/** A Hugging Face directory of a byte-level Llama of one layer that was trained on these texts until it knew them. */
export async function trainedLanguageModel(texts: readonly string[]): Promise<Upload> {
  const engine = await openEngine({ device: 'cpu', mode: 'recorded' });
  try {
    return {
      manifest: { name: 'notes', kind: 'causal-lm', training: recipe },
      files: await trainByteLlama(engine, config, recipe, texts),
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
