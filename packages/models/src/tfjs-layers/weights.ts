import { EngramError, type ModelSource, type NdArray } from '@engram/domain';
import { halvesToFloats } from '@engram/numeric';
import { z } from 'zod';
import { requireFile } from '../model-files.js';
import { sizeOf } from '../network/initializers.js';
import type { Network, NetworkWeight } from '../network/network.js';
import { ownBytes } from '../own-bytes.js';

const savedWeight = z.looseObject({
  name: z.string(),
  shape: z.array(z.number().int().min(0)),
  dtype: z.string(),
  quantization: z
    .looseObject({
      dtype: z.enum(['uint8', 'uint16', 'float16']),
      scale: z.number().optional(),
      min: z.number().optional(),
    })
    .optional(),
});
type SavedWeight = z.infer<typeof savedWeight>;
const weightsManifest = z.array(z.looseObject({ paths: z.array(z.string()), weights: z.array(savedWeight) }));
export type WeightsManifest = z.infer<typeof weightsManifest>;

/** Weights by the names the network knows them by. */
export type SavedWeights = Readonly<Record<string, NdArray<Float32Array>>>;

/** @throws ENG_FILE_UNREADABLE when model.json has no sound `weightsManifest`. */
export function parseWeightsManifest(value: unknown, path: string): WeightsManifest {
  const parsed = weightsManifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new EngramError(
    'ENG_FILE_UNREADABLE',
    `"${path}" has no sound weightsManifest (${issue.path.join('.')}: ${issue.message})`,
    {
      remedy: 'Save the model with its weights: model.save() of TensorFlow.js writes model.json and weights.bin.',
    },
  );
}

/**
 * Reads the weights of a network from its weight files.
 *
 * @param folder folder of model.json, '' at the top.
 * @throws ENG_FILE_TRUNCATED a file shorter than its manifest says, with both byte counts. ENG_FILE_UNREADABLE missing
 * or extra bytes, or weights that do not match the layers. ENG_FORMAT_UNSUPPORTED a weight that is not float32.
 */
export async function readWeights(
  source: ModelSource,
  folder: string,
  manifest: WeightsManifest,
  network: Network,
  path: string,
): Promise<SavedWeights> {
  const found: Record<string, NdArray<Float32Array>> = {};
  for (const group of manifest) {
    const expectedBytes = group.weights.reduce((sum, weight) => sum + byteLength(weight), 0);
    const files = group.paths.map((each) =>
      requireFile(source, folder + each, `named in the weightsManifest of "${path}"`),
    );
    const actualBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    checkLength(group.paths.join(', '), expectedBytes, actualBytes);
    const parts = await Promise.all(files.map((file) => source.read(file.path)));
    decode(group.weights, Buffer.concat(parts), found);
  }
  return matchWeights(network, found, path);
}

/**
 * Reads weights written during training: one file holding the tensors of the manifest one after another.
 *
 * @throws as {@link readWeights}.
 */
export async function readCheckpoint(
  source: ModelSource,
  file: string,
  manifest: WeightsManifest,
  network: Network,
): Promise<SavedWeights> {
  const weights = manifest.flatMap((group) => group.weights);
  checkCheckpoint(source, file, manifest);
  const found: Record<string, NdArray<Float32Array>> = {};
  decode(weights, await source.read(file), found);
  return matchWeights(network, found, file);
}

/** Checks the size of a checkpoint's file without reading it. */
export function checkCheckpoint(source: ModelSource, file: string, manifest: WeightsManifest): void {
  const expected = manifest.flatMap((group) => group.weights).reduce((sum, weight) => sum + byteLength(weight), 0);
  checkLength(file, expected, requireFile(source, file, "a checkpoint of the manifest's training section").sizeBytes);
}

function checkLength(path: string, expectedBytes: number, actualBytes: number): void {
  if (actualBytes === expectedBytes) return;
  const short = actualBytes < expectedBytes;
  throw new EngramError(
    short ? 'ENG_FILE_TRUNCATED' : 'ENG_FILE_UNREADABLE',
    `"${path}" has ${actualBytes} bytes, the weights manifest announces ${expectedBytes}`,
    {
      remedy: short ? 'Upload the weights again, whole.' : 'Upload the weights that belong to this model.json.',
      details: { path, expectedBytes, actualBytes },
    },
  );
}

function byteLength(weight: SavedWeight): number {
  const width = weight.quantization === undefined ? 4 : weight.quantization.dtype === 'uint8' ? 1 : 2;
  return sizeOf(weight.shape) * width;
}

function decode(weights: readonly SavedWeight[], bytes: Uint8Array, into: Record<string, NdArray<Float32Array>>): void {
  let offset = 0;
  for (const weight of weights) {
    if (weight.dtype !== 'float32')
      throw new EngramError(
        'ENG_FORMAT_UNSUPPORTED',
        `weight "${weight.name}" has element type ${weight.dtype}, expected float32`,
        {
          remedy: 'Save the model with float32 weights.',
        },
      );
    const raw = ownBytes(bytes, offset, offset + byteLength(weight));
    offset += byteLength(weight);
    into[weight.name] = { data: dequantize(raw, weight.quantization), shape: weight.shape };
  }
}

function dequantize(raw: ArrayBuffer, quantization: SavedWeight['quantization']): Float32Array {
  if (quantization === undefined) return new Float32Array(raw);
  if (quantization.dtype === 'float16') return halvesToFloats(new Uint16Array(raw));
  const codes = quantization.dtype === 'uint8' ? new Uint8Array(raw) : new Uint16Array(raw);
  const { scale = 1, min = 0 } = quantization;
  return Float32Array.from(codes, (code) => code * scale + min);
}

function matchWeights(network: Network, found: Record<string, NdArray<Float32Array>>, path: string): SavedWeights {
  const names = Object.keys(found);
  const used = new Set<string>();
  const matched = network.weights.map((weight): [string, NdArray<Float32Array>] => {
    const name = names.find((each) => isNameOf(each, weight));
    if (name === undefined) throw misfit(path, `layer weight "${weight.savedName}" is missing`);
    const array = found[name]!;
    if (String(array.shape) !== String(weight.shape))
      throw misfit(path, `weight "${name}" has shape [${array.shape}], its layer expects [${weight.shape}]`);
    used.add(name);
    return [weight.savedName, array];
  });
  const extra = names.find((name) => !used.has(name));
  if (extra !== undefined) throw misfit(path, `weight "${extra}" belongs to no layer`);
  return Object.fromEntries(matched);
}

/** Saved names are `layer/kernel`; converters from Keras may put scopes before or between. */
function isNameOf(saved: string, weight: NetworkWeight): boolean {
  if (saved === weight.savedName) return true;
  const parts = saved.split('/');
  return parts.at(-1) === weight.name && parts.includes(weight.savedName.slice(0, -weight.name.length - 1));
}

function misfit(path: string, what: string): EngramError {
  return new EngramError('ENG_FILE_UNREADABLE', `"${path}": ${what}`, {
    remedy: 'Upload the weights that were saved together with this model.json.',
  });
}
