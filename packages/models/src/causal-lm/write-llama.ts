import { EngramError, type Json } from '@engram/domain';
import { writeSafetensors } from '../safetensors/index.js';
import { type LlamaConfig, llamaConfigJson } from './config.js';
import { type LlamaWeights, llamaWeightShapes } from './weights.js';

/**
 * A Hugging Face directory of a Llama: config.json, model.safetensors (float32), tokenizer.json, tokenizer_config.json.
 *
 * @param tokenizerJson contents of tokenizer.json.
 * @returns bytes by file name.
 * @throws ENG_SHAPE_MISMATCH a tensor of the config is missing or has another shape.
 */
export function writeLlama(
  config: LlamaConfig,
  weights: LlamaWeights,
  tokenizerJson: { readonly [key: string]: Json },
): Record<string, Uint8Array> {
  const ordered = Object.fromEntries(
    [...llamaWeightShapes(config)].map(([name, shape]) => {
      const tensor = weights[name];
      if (tensor === undefined || String(tensor.shape) !== String(shape))
        throw new EngramError(
          'ENG_SHAPE_MISMATCH',
          `tensor "${name}" has shape [${tensor?.shape ?? 'none'}], the config calls for [${shape}]`,
        );
      return [name, tensor];
    }),
  );
  const json = (value: object) => new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);
  const specials = (tokenizerJson.added_tokens ?? []) as readonly { readonly id: number; readonly content: string }[];
  const nameOf = (id: number | undefined) => specials.find((token) => token.id === id)?.content;
  const [bos, eos] = [nameOf(config.bosTokenId), nameOf(config.eosTokenIds[0])];
  return {
    'config.json': json(llamaConfigJson(config)),
    'model.safetensors': writeSafetensors(ordered),
    'tokenizer.json': json(tokenizerJson),
    'tokenizer_config.json': json({
      tokenizer_class: 'PreTrainedTokenizerFast',
      ...(bos === undefined ? {} : { bos_token: bos }),
      ...(eos === undefined ? {} : { eos_token: eos }),
      clean_up_tokenization_spaces: false,
      model_max_length: config.contextLength,
    }),
  };
}
