import { open } from 'node:fs/promises';
import { EngramError, type ModelSource, type NdArray } from '@engram/domain';
import { FiniteWeights } from '../finite-weights.js';
import { findFile, type ModelFile, readJsonObject, requireFile } from '../model-files.js';
import { parseSafetensorsHeader, readSafetensorsFloats, type SafetensorsHeader } from '../safetensors/index.js';
import type { LlamaConfig } from './config.js';

export type LlamaWeights = Readonly<Record<string, NdArray<Float32Array>>>;

/** Every tensor of a Llama by its Hugging Face name, with its shape (outputs first, as PyTorch stores them). */
export function llamaWeightShapes(config: LlamaConfig): ReadonlyMap<string, readonly number[]> {
  const { width, feedForwardWidth, heads, keyValueHeads, headWidth, vocabularySize } = config;
  const shapes = new Map<string, readonly number[]>([['model.embed_tokens.weight', [vocabularySize, width]]]);
  for (let layer = 0; layer < config.layers; layer++) {
    const prefix = `model.layers.${layer}`;
    shapes.set(`${prefix}.input_layernorm.weight`, [width]);
    shapes.set(`${prefix}.self_attn.q_proj.weight`, [heads * headWidth, width]);
    shapes.set(`${prefix}.self_attn.k_proj.weight`, [keyValueHeads * headWidth, width]);
    shapes.set(`${prefix}.self_attn.v_proj.weight`, [keyValueHeads * headWidth, width]);
    shapes.set(`${prefix}.self_attn.o_proj.weight`, [width, heads * headWidth]);
    shapes.set(`${prefix}.post_attention_layernorm.weight`, [width]);
    shapes.set(`${prefix}.mlp.gate_proj.weight`, [feedForwardWidth, width]);
    shapes.set(`${prefix}.mlp.up_proj.weight`, [feedForwardWidth, width]);
    shapes.set(`${prefix}.mlp.down_proj.weight`, [width, feedForwardWidth]);
  }
  shapes.set('model.norm.weight', [width]);
  if (!config.tiedEmbeddings) shapes.set('lm_head.weight', [vocabularySize, width]);
  return shapes;
}

/**
 * Reads the weights a config calls for, one safetensors file or several by an index, tensor by tensor.
 *
 * @param folder folder of config.json, '' at the top.
 * @throws ENG_MODEL_UNSAFE only pickled weights are there. ENG_FILE_UNREADABLE no weights, a tensor missing or of another
 * shape. ENG_FILE_TRUNCATED. ENG_FORMAT_UNSUPPORTED integer weights. ENG_VALUES_NOT_FINITE.
 */
export async function readLlamaWeights(
  source: ModelSource,
  folder: string,
  config: LlamaConfig,
): Promise<LlamaWeights> {
  const weights: Record<string, NdArray<Float32Array>> = {};
  await eachTensor(source, folder, config, (name, tensor) => {
    weights[name] = tensor;
  });
  return weights;
}

/** Checks weights as {@link readLlamaWeights} does, without keeping them; returns the number of values. */
export async function checkLlamaWeights(source: ModelSource, folder: string, config: LlamaConfig): Promise<number> {
  let count = 0;
  await eachTensor(source, folder, config, (_name, { data }) => {
    count += data.length;
  });
  return count;
}

async function eachTensor(
  source: ModelSource,
  folder: string,
  config: LlamaConfig,
  visit: (name: string, tensor: NdArray<Float32Array>) => void,
): Promise<void> {
  const shapes = llamaWeightShapes(config);
  const found = new Set<string>();
  const finite = new FiniteWeights();
  for (const file of await weightFiles(source, folder)) {
    await withTensors(source, file, async (header, read) => {
      for (const [name, expected] of shapes) {
        const entry = header.entries.get(name);
        if (entry === undefined) continue;
        if (String(entry.shape) !== String(expected))
          throw misfit(`tensor "${name}" has shape [${entry.shape}], config.json expects [${expected}]`);
        const tensor = await read(name);
        finite.add(name, tensor.data);
        found.add(name);
        visit(name, tensor);
      }
    });
  }
  finite.check();
  const missing = [...shapes.keys()].find((name) => !found.has(name));
  if (missing !== undefined) throw misfit(`tensor "${missing}" is missing`);
}

async function weightFiles(source: ModelSource, folder: string): Promise<ModelFile[]> {
  const index = `${folder}model.safetensors.index.json`;
  if (findFile(source, index) !== undefined) {
    const { weight_map: map } = await readJsonObject(source, index);
    const names = new Set(Object.values((map ?? {}) as Record<string, unknown>).map(String));
    return [...names].map((name) => requireFile(source, folder + name, `named in "${index}"`));
  }
  const pickled = source.files.find((file) => /\.(bin|pt|pth|pkl|ckpt)$/.test(file.path));
  if (findFile(source, `${folder}model.safetensors`) === undefined && pickled !== undefined)
    throw new EngramError(
      'ENG_MODEL_UNSAFE',
      `"${pickled.path}" is a pickle, which can run code when read; only safetensors are read`,
      {
        remedy: 'Save the model with save_pretrained(..., safe_serialization=True) and upload model.safetensors.',
        details: { path: pickled.path },
      },
    );
  return [requireFile(source, `${folder}model.safetensors`, 'the weights')];
}

/** Opens one safetensors file so that memory holds one tensor at a time. */
async function withTensors(
  source: ModelSource,
  file: ModelFile,
  use: (header: SafetensorsHeader, read: (name: string) => Promise<NdArray<Float32Array>>) => Promise<void>,
): Promise<void> {
  const handle = await open(await source.localPath(file.path), 'r');
  try {
    const bytes = async (offset: number, length: number) => {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    };
    const first = await bytes(0, 8);
    const headerBytes = first.length < 8 ? 8 : Number(new DataView(first.buffer).getBigUint64(0, true)) + 8;
    const header = parseSafetensorsHeader(
      await bytes(0, Math.min(headerBytes, file.sizeBytes)),
      file.sizeBytes,
      file.path,
    );
    await use(header, async (name) => {
      const { begin, end } = header.entries.get(name)!;
      const data = await bytes(header.dataStart + begin, end - begin);
      const shifted = { ...header, dataStart: -begin };
      return readSafetensorsFloats(data, shifted, name);
    });
  } finally {
    await handle.close();
  }
}

function misfit(what: string): EngramError {
  return new EngramError('ENG_FILE_UNREADABLE', `the weights do not fit config.json: ${what}`, {
    remedy: 'Upload the config.json and the weights that were saved together.',
  });
}
