import { EngramError, type ModelSource } from '@engram/domain';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { findFile, readJsonObject } from '../model-files.js';

/** Text to token ids and back, as the model's tokenizer.json says. */
export interface Tokenizer {
  /** One more than the highest token id. */
  readonly size: number;
  /** Special tokens put before every text by the tokenizer itself; empty when it adds none. */
  readonly prefixIds: readonly number[];
  /**
   * Ids of a text. With `special` (the default) the tokenizer's own special tokens are added, as in training.
   */
  encode(text: string, options?: { readonly special?: boolean }): Int32Array;
  /** Text of ids; special tokens leave no trace. */
  decode(ids: ArrayLike<number>): string;
}

/**
 * Reads tokenizer.json (and tokenizer_config.json if there) of a model.
 *
 * @param folder folder of config.json, '' at the top.
 * @throws ENG_FILE_UNREADABLE missing or malformed.
 */
export async function readTokenizer(source: ModelSource, folder: string): Promise<Tokenizer> {
  const path = `${folder}tokenizer.json`;
  if (findFile(source, path) === undefined)
    throw new EngramError('ENG_FILE_UNREADABLE', `the upload has no file "${path}"`, {
      remedy: 'Save the fast tokenizer (tokenizer.save_pretrained writes tokenizer.json) and upload it with the model.',
    });
  const json = await readJsonObject(source, path);
  const config =
    findFile(source, `${folder}tokenizer_config.json`) === undefined
      ? {}
      : await readJsonObject(source, `${folder}tokenizer_config.json`);
  return createTokenizer(json, config);
}

/** @throws ENG_FILE_UNREADABLE when the JSON describes no tokenizer. */
export function createTokenizer(json: Record<string, unknown>, config: Record<string, unknown> = {}): Tokenizer {
  let tokenizer: HuggingFaceTokenizer;
  try {
    tokenizer = new HuggingFaceTokenizer(json, config);
    const size = 1 + [...tokenizer.get_vocab(true).values()].reduce((highest, id) => Math.max(highest, id), -1);
    const prefixIds = tokenizer.encode('').ids;
    return {
      size,
      prefixIds,
      encode: (text, { special = true } = {}) =>
        Int32Array.from(tokenizer.encode(text, { add_special_tokens: special }).ids),
      decode: (ids) =>
        ids.length === 0
          ? ''
          : tokenizer.decode(Array.from(ids), { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
    };
  } catch (cause) {
    throw new EngramError('ENG_FILE_UNREADABLE', 'tokenizer.json does not describe a tokenizer that is read here', {
      remedy: 'Save the tokenizer again with a current version of the tokenizers library.',
      cause,
    });
  }
}
