import type { StoredModel } from '@engram/domain';
import type { Engine } from '@engram/engine';
import { byteLlama, byteLlamaRecipe, trainByteLlama } from '@engram/models/testing';
import { createRandom, sha256Hex } from '@engram/numeric';
import type { TaskBench } from './task-bench.js';

const config = byteLlama(40);
const recipe = byteLlamaRecipe(30);

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
  const written = Object.entries(await trainByteLlama(engine, config, recipe, texts));
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
