import { EngramError, type NdArray } from '@engram/domain';
import { bfloatsToFloats, halvesToFloats } from '@engram/numeric';
import { ownBytes } from '../own-bytes.js';

const bytesPerValue = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;
export type SafetensorsDtype = keyof typeof bytesPerValue;

/** One tensor of a safetensors file: where its bytes lie, counted from the end of the header. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Offset in the file of the first tensor byte. */
  readonly dataStart: number;
}

const headerLimitBytes = 100 * 1024 * 1024;

/**
 * Parses the header of a safetensors file and checks that the file holds exactly the bytes it announces.
 *
 * @param bytes the file, or at least its header.
 * @param fileBytes size of the whole file.
 * @throws ENG_FILE_TRUNCATED with both byte counts. ENG_FILE_UNREADABLE malformed header, overlapping or misfitting
 * tensors. ENG_FORMAT_UNSUPPORTED an element type that is not read here.
 * @see the safetensors format description: 8 bytes little-endian header length, JSON header, data.
 */
export function parseSafetensorsHeader(bytes: Uint8Array, fileBytes: number, path: string): SafetensorsHeader {
  if (fileBytes < 8) throw truncated(path, 8, fileBytes);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > headerLimitBytes)
    throw unreadable(path, `its header claims ${length} bytes, at most ${headerLimitBytes} are read`);
  if (8 + length > fileBytes) throw truncated(path, 8 + length, fileBytes);
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw unreadable(path, 'its header is not JSON', cause);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw unreadable(path, 'its header is not a JSON object');
  const { __metadata__: metadata = {}, ...tensors } = header;
  const entries = Object.entries(tensors).map(([name, value]) => parseEntry(name, value, path));
  checkLayout(entries, 8 + length, fileBytes, path);
  return {
    entries: new Map(entries.map((entry) => [entry.name, entry])),
    metadata: metadata as Record<string, string>,
    dataStart: 8 + length,
  };
}

function parseEntry(name: string, value: unknown, path: string): SafetensorsEntry {
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const natural = (each: unknown): each is number => Number.isSafeInteger(each) && (each as number) >= 0;
  if (
    typeof dtype !== 'string' ||
    !Array.isArray(shape) ||
    !shape.every(natural) ||
    !Array.isArray(offsets) ||
    offsets.length !== 2 ||
    !offsets.every(natural)
  )
    throw unreadable(path, `its header entry "${name}" lacks dtype, shape or data_offsets`);
  if (!Object.hasOwn(bytesPerValue, dtype)) {
    throw new EngramError('ENG_FORMAT_UNSUPPORTED', `tensor "${name}" of "${path}" has element type ${dtype}`, {
      remedy: `Save the weights as one of ${Object.keys(bytesPerValue).join(', ')}; F32, F16 and BF16 are usual.`,
    });
  }
  const [begin, end] = offsets as [number, number];
  const expected = shape.reduce((product, size) => product * size, bytesPerValue[dtype as SafetensorsDtype]);
  if (end - begin !== expected)
    throw unreadable(
      path,
      `tensor "${name}" of shape [${shape}] and type ${dtype} needs ${expected} bytes, its offsets hold ${end - begin}`,
    );
  return { name, dtype: dtype as SafetensorsDtype, shape, begin, end };
}

function checkLayout(entries: readonly SafetensorsEntry[], dataStart: number, fileBytes: number, path: string): void {
  let position = 0;
  for (const entry of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin !== position)
      throw unreadable(path, `tensor "${entry.name}" begins at byte ${entry.begin}, expected ${position}`);
    position = entry.end;
  }
  if (dataStart + position > fileBytes) throw truncated(path, dataStart + position, fileBytes);
  if (dataStart + position < fileBytes)
    throw unreadable(path, `its tensors end at byte ${dataStart + position}, the file has ${fileBytes}`);
}

/**
 * One tensor as float32 (F64 is rounded; F16 and BF16 are exact).
 *
 * @throws ENG_FORMAT_UNSUPPORTED the tensor holds integers.
 */
export function readSafetensorsFloats(
  bytes: Uint8Array,
  header: SafetensorsHeader,
  name: string,
): NdArray<Float32Array> {
  const entry = header.entries.get(name)!;
  const raw = ownBytes(bytes, header.dataStart + entry.begin, header.dataStart + entry.end);
  switch (entry.dtype) {
    case 'F32':
      return { data: new Float32Array(raw), shape: entry.shape };
    case 'F64':
      return { data: Float32Array.from(new Float64Array(raw)), shape: entry.shape };
    case 'F16':
      return { data: halvesToFloats(new Uint16Array(raw)), shape: entry.shape };
    case 'BF16':
      return { data: bfloatsToFloats(new Uint16Array(raw)), shape: entry.shape };
    default:
      throw new EngramError(
        'ENG_FORMAT_UNSUPPORTED',
        `tensor "${name}" holds ${entry.dtype}, expected floating-point weights`,
        {
          remedy: 'Quantised checkpoints are not read: save the model with F32, F16 or BF16 weights.',
        },
      );
  }
}

/** Writes float32 tensors as one safetensors file, in the order given, data aligned to 8 bytes. */
export function writeSafetensors(
  tensors: Readonly<Record<string, NdArray<Float32Array>>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  let position = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt', ...metadata } };
  for (const [name, { data, shape }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [position, position + data.byteLength] };
    position += data.byteLength;
  }
  const json = JSON.stringify(header);
  const text = new TextEncoder().encode(
    json.padEnd(json.length + ((8 - (new TextEncoder().encode(json).length % 8)) % 8)),
  );
  const file = new Uint8Array(8 + text.length + position);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  position = 8 + text.length;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return file;
}

function truncated(path: string, expectedBytes: number, actualBytes: number): EngramError {
  return new EngramError(
    'ENG_FILE_TRUNCATED',
    `"${path}" announces ${expectedBytes} bytes, the file has ${actualBytes}`,
    {
      remedy: 'Upload the file again, whole.',
      details: { path, expectedBytes, actualBytes },
    },
  );
}

function unreadable(path: string, what: string, cause?: unknown): EngramError {
  return new EngramError('ENG_FILE_UNREADABLE', `"${path}" is not a sound safetensors file: ${what}`, {
    remedy: 'Write the file again with the safetensors library and upload it whole.',
    ...(cause === undefined ? {} : { cause }),
  });
}
