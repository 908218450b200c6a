import { EngramError } from '@engram/domain';
import { z } from 'zod';

const natural = z.number().int().positive();
const ropeSettings = z
  .looseObject({
    rope_type: z.string().optional(),
    type: z.string().optional(),
    rope_theta: z.number().positive().optional(),
  })
  .nullish();

const savedConfig = z.looseObject({
  architectures: z.array(z.string()).nullish(),
  model_type: z.string().optional(),
  auto_map: z.unknown().optional(),
  quantization_config: z.unknown().optional(),
  vocab_size: natural,
  hidden_size: natural,
  intermediate_size: natural,
  num_hidden_layers: natural,
  num_attention_heads: natural,
  num_key_value_heads: natural.nullish(),
  head_dim: natural.nullish(),
  max_position_embeddings: natural.default(2048),
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: ropeSettings,
  rope_parameters: ropeSettings,
  tie_word_embeddings: z.boolean().default(false),
  hidden_act: z.string().default('silu'),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  bos_token_id: z.number().int().nullish(),
  eos_token_id: z.union([z.number().int(), z.array(z.number().int())]).nullish(),
});

/** A Llama's sizes, in the words of its config.json. */
export interface LlamaConfig {
  readonly vocabularySize: number;
  readonly width: number;
  readonly feedForwardWidth: number;
  readonly layers: number;
  readonly heads: number;
  /** Fewer than `heads` when several query heads share a key/value head. */
  readonly keyValueHeads: number;
  readonly headWidth: number;
  /** Longest sequence, in tokens. */
  readonly contextLength: number;
  readonly normEpsilon: number;
  readonly ropeTheta: number;
  /** Whether the output matrix is the token embedding. */
  readonly tiedEmbeddings: boolean;
  readonly bosTokenId?: number;
  readonly eosTokenIds: readonly number[];
}

/**
 * Reads a Hugging Face config.json of a `LlamaForCausalLM`.
 *
 * @throws ENG_MODEL_UNSAFE the model comes with its own code. ENG_MODEL_UNSUPPORTED another architecture, or a variant
 * that is not computed here, by name. ENG_FILE_UNREADABLE missing or impossible sizes.
 */
export function parseLlamaConfig(json: Record<string, unknown>): LlamaConfig {
  if (json.auto_map !== undefined && json.auto_map !== null)
    throw new EngramError(
      'ENG_MODEL_UNSAFE',
      'config.json names code of its own (auto_map); code in uploads is never executed',
      {
        remedy: 'Save the model as a plain LlamaForCausalLM.',
      },
    );
  const architecture = Array.isArray(json.architectures) ? json.architectures[0] : undefined;
  if ((architecture ?? 'LlamaForCausalLM') !== 'LlamaForCausalLM' || (json.model_type ?? 'llama') !== 'llama')
    throw unsupported(`the architecture ${String(architecture ?? json.model_type)}`, 'LlamaForCausalLM');
  const parsed = savedConfig.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new EngramError('ENG_FILE_UNREADABLE', `config.json: ${issue.path.join('.')}: ${issue.message}`, {
      remedy: 'Upload the config.json that belongs to the weights.',
    });
  }
  const config = parsed.data;
  refuseVariants(config);
  const headWidth = config.head_dim ?? config.hidden_size / config.num_attention_heads;
  const keyValueHeads = config.num_key_value_heads ?? config.num_attention_heads;
  if (!Number.isInteger(headWidth) || headWidth % 2 === 1 || config.num_attention_heads % keyValueHeads !== 0)
    throw new EngramError(
      'ENG_FILE_UNREADABLE',
      `config.json: width ${config.hidden_size}, ${config.num_attention_heads} heads and ${keyValueHeads} key/value heads do not fit each other`,
      { remedy: 'Upload the config.json that belongs to the weights.' },
    );
  const eos = config.eos_token_id;
  return {
    vocabularySize: config.vocab_size,
    width: config.hidden_size,
    feedForwardWidth: config.intermediate_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    keyValueHeads,
    headWidth,
    contextLength: config.max_position_embeddings,
    normEpsilon: config.rms_norm_eps,
    ropeTheta: config.rope_theta ?? config.rope_parameters?.rope_theta ?? 10_000,
    tiedEmbeddings: config.tie_word_embeddings,
    ...(config.bos_token_id === null || config.bos_token_id === undefined ? {} : { bosTokenId: config.bos_token_id }),
    eosTokenIds: eos === null || eos === undefined ? [] : Array.isArray(eos) ? eos : [eos],
  };
}

function refuseVariants(config: z.infer<typeof savedConfig>): void {
  for (const rope of [config.rope_scaling, config.rope_parameters]) {
    const kind = rope?.rope_type ?? rope?.type ?? 'default';
    if (kind !== 'default') throw unsupported(`rotary position scaling of type "${kind}"`, 'unscaled rotary positions');
  }
  if (config.hidden_act !== 'silu') throw unsupported(`the activation ${config.hidden_act}`, 'silu');
  if (config.attention_bias || config.mlp_bias)
    throw unsupported('biases in attention or feed-forward layers', 'layers without biases');
  if (config.quantization_config !== undefined && config.quantization_config !== null)
    throw unsupported('quantised weights', 'float32, float16 or bfloat16 weights');
}

function unsupported(found: string, supported: string): EngramError {
  return new EngramError('ENG_MODEL_UNSUPPORTED', `config.json asks for ${found}; supported is ${supported}`, {
    remedy: 'Serve the model behind an endpoint, or export it to ONNX without a key/value cache.',
  });
}

/** config.json for a model written here. */
export function llamaConfigJson(config: LlamaConfig): Record<string, unknown> {
  const [eos] = config.eosTokenIds;
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: config.vocabularySize,
    hidden_size: config.width,
    intermediate_size: config.feedForwardWidth,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headWidth,
    max_position_embeddings: config.contextLength,
    rms_norm_eps: config.normEpsilon,
    rope_theta: config.ropeTheta,
    tie_word_embeddings: config.tiedEmbeddings,
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    ...(config.bosTokenId === undefined ? {} : { bos_token_id: config.bosTokenId }),
    ...(eos === undefined ? {} : { eos_token_id: config.eosTokenIds.length === 1 ? eos : config.eosTokenIds }),
    torch_dtype: 'float32',
  };
}
