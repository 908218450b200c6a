import { type Ability, EngramError, type InspectedModel, type ModelSource } from '@engram/domain';
import type { ModelManifest } from '../manifest.js';
import { modelDigest, readJsonObject } from '../model-files.js';
import { type LlamaConfig, parseLlamaConfig } from './config.js';
import { readTokenizer, type Tokenizer } from './tokenizer.js';
import { checkLlamaWeights } from './weights.js';

const abilities: readonly Ability[] = [
  'perTokenLogProbs',
  'fullVocabulary',
  'generate',
  'gradients',
  'weights',
  'train',
];

/** A Hugging Face directory, read except for its weights. */
export interface LlamaDirectory {
  /** Folder of config.json, '' at the top. */
  readonly folder: string;
  readonly config: LlamaConfig;
  readonly tokenizer: Tokenizer;
}

/**
 * Reads config.json and tokenizer.json of a Hugging Face directory.
 *
 * @throws as {@link parseLlamaConfig} and {@link readTokenizer}; ENG_FILE_UNREADABLE when the tokenizer has more tokens than
 * the model.
 */
export async function readLlamaDirectory(source: ModelSource): Promise<LlamaDirectory> {
  const paths = source.files
    .map((file) => file.path)
    .filter((path) => path === 'config.json' || path.endsWith('/config.json'));
  if (paths.length !== 1)
    throw new EngramError(
      'ENG_FILE_UNREADABLE',
      `the upload holds ${paths.length} files named config.json, expected one`,
      {
        remedy: 'Upload the folder save_pretrained() wrote: config.json, model.safetensors and tokenizer.json.',
        details: { present: source.files.map((file) => file.path).slice(0, 20) },
      },
    );
  const folder = paths[0]!.slice(0, -'config.json'.length);
  const config = parseLlamaConfig(await readJsonObject(source, paths[0]!));
  const tokenizer = await readTokenizer(source, folder);
  if (tokenizer.size > config.vocabularySize)
    throw new EngramError(
      'ENG_FILE_UNREADABLE',
      `tokenizer.json has token ids up to ${tokenizer.size - 1}, the model knows ${config.vocabularySize} tokens`,
      {
        remedy: 'Upload the tokenizer that belongs to the model.',
      },
    );
  return { folder, config, tokenizer };
}

/**
 * What a Hugging Face `LlamaForCausalLM` directory holds, from its files alone: no tensor library is loaded.
 *
 * @throws as {@link readLlamaDirectory} and the reading of its weights.
 */
export async function inspectCausalLm(manifest: ModelManifest, source: ModelSource): Promise<InspectedModel> {
  if (manifest.training?.checkpoints !== undefined)
    throw new EngramError('ENG_MANIFEST_INVALID', 'checkpoints of a causal language model are not read yet', {
      remedy: 'Leave training.checkpoints out; the training can be recorded again from the recipe.',
      faults: [{ pointer: '/training/checkpoints', message: 'not supported for kind causal-lm' }],
    });
  const { folder, config } = await readLlamaDirectory(source);
  const parameterCount = await checkLlamaWeights(source, folder, config);
  return {
    kind: 'causal-lm',
    task: 'causal-lm',
    inputs: [{ name: 'input_ids', shape: [null], dtype: 'int32' }],
    output: { shape: [null, config.vocabularySize], meaning: 'logits' },
    vocabularySize: config.vocabularySize,
    contextLength: config.contextLength,
    parameterCount,
    abilities,
    digest: modelDigest('causal-lm', source),
  };
}
