import { EngramError } from '@engram/domain';

/** Bytes per element of each element type of the safetensors format that has whole bytes. */
const safetensorsItemBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  F32: 4,
  I32: 4,
  U32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

export type SafetensorsDtype = keyof typeof safetensorsItemBytes;

/** Where one tensor lies in the file. */
export interface SafetensorsEntry {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Offset of its first byte from the start of the file. */
  readonly startByte: number;
  /** Offset after its last byte. */
  readonly endByte: number;
}

export interface SafetensorsHeader {
  /** In the order of their bytes in the file. */
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: ReadonlyMap<string, string>;
  /** Offset of the first tensor byte. */
  readonly dataStartByte: number;
}

export interface SafetensorsLimits {
  /** Largest JSON header accepted; 100 MB by default, the limit of the format's reference implementation. */
  readonly maxHeaderBytes?: number;
  /** How messages name the file. */
  readonly source?: string;
}

const lengthBytes = 8;
const defaultMaxHeaderBytes = 100_000_000;

/**
 * How many bytes from the start of a safetensors file hold its header, so a reader can fetch just those.
 *
 * @param firstBytes at least the first 8 bytes.
 * @param fileSizeBytes size of the whole file.
 * @param limits header limit, and how messages name the file.
 * @returns bytes to read for `parseSafetensorsHeader`.
 * @throws ENG_FILE_TRUNCATED the file ends inside its header. ENG_FILE_UNREADABLE the stated length is over the limit.
 */
export function safetensorsHeaderBytes(
  firstBytes: Uint8Array,
  fileSizeBytes: number,
  limits: SafetensorsLimits = {},
): number {
  const source = limits.source ?? 'safetensors file';
  if (firstBytes.length < lengthBytes) throw truncated(source, lengthBytes, Math.min(fileSizeBytes, firstBytes.length));
  const view = new DataView(firstBytes.buffer, firstBytes.byteOffset, lengthBytes);
  const stated = view.getBigUint64(0, true);
  const maxHeaderBytes = limits.maxHeaderBytes ?? defaultMaxHeaderBytes;
  if (stated > BigInt(maxHeaderBytes)) {
    throw unreadable(source, `expected a header of at most ${maxHeaderBytes} bytes, got a stated length of ${stated}`);
  }
  const needed = lengthBytes + Number(stated);
  if (needed > fileSizeBytes) throw truncated(source, needed, fileSizeBytes);
  return needed;
}

/**
 * Reads and checks a safetensors header from the first bytes of a file. Tensors must have the byte count their shape
 * and type ask for, and fill the file from the header to its end without gap or overlap, so no two names share bytes
 * and none reach outside.
 *
 * @param firstBytes at least `safetensorsHeaderBytes` of them.
 * @param fileSizeBytes size of the whole file.
 * @param limits header limit, and how messages name the file.
 * @returns tensors in file order, and metadata.
 * @throws ENG_FILE_TRUNCATED bytes are missing, with expected and got counts. ENG_FILE_UNREADABLE the header is not
 *   what the format asks for.
 */
export function parseSafetensorsHeader(
  firstBytes: Uint8Array,
  fileSizeBytes: number,
  limits: SafetensorsLimits = {},
): SafetensorsHeader {
  const source = limits.source ?? 'safetensors file';
  const dataStartByte = safetensorsHeaderBytes(firstBytes, fileSizeBytes, limits);
  if (firstBytes.length < dataStartByte) throw truncated(source, dataStartByte, firstBytes.length);
  const members = parseMembers(firstBytes.subarray(lengthBytes, dataStartByte), source);
  const metadata = new Map<string, string>();
  const entries: [string, SafetensorsEntry][] = [];
  for (const [name, member] of members) {
    if (name === '__metadata__') {
      for (const [key, value] of membersOf(member, source, 'metadata')) {
        if (typeof value !== 'string') {
          throw unreadable(source, `expected text in metadata ${JSON.stringify(key)}, got ${typeof value}`);
        }
        metadata.set(key, value);
      }
    } else {
      entries.push([name, parseEntry(name, member, dataStartByte, source)]);
    }
  }
  entries.sort(([, a], [, b]) => a.startByte - b.startByte || a.endByte - b.endByte);
  checkLayout(entries, dataStartByte, fileSizeBytes, source);
  return { tensors: new Map(entries), metadata, dataStartByte };
}

/**
 * Reads and checks the header of a safetensors file held in memory.
 *
 * @param bytes the whole file.
 * @param limits header limit, and how messages name the file.
 * @returns tensors in file order, and metadata.
 * @throws as `parseSafetensorsHeader`.
 */
export function readSafetensorsHeader(bytes: Uint8Array, limits: SafetensorsLimits = {}): SafetensorsHeader {
  return parseSafetensorsHeader(bytes, bytes.length, limits);
}

function parseMembers(bytes: Uint8Array, source: string): [string, unknown][] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw unreadable(source, `expected a JSON header of ${bytes.length} bytes, got something else`, cause);
  }
  return membersOf(parsed, source, 'header');
}

function membersOf(value: unknown, source: string, what: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unreadable(source, `expected the ${what} to be a JSON object`);
  }
  return Object.entries(value);
}

function parseEntry(name: string, member: unknown, dataStartByte: number, source: string): SafetensorsEntry {
  const fields = new Map(membersOf(member, source, `entry of tensor ${JSON.stringify(name)}`));
  const dtype = fields.get('dtype');
  const shape = fields.get('shape');
  const offsets = fields.get('data_offsets');
  if (typeof dtype !== 'string' || !Object.hasOwn(safetensorsItemBytes, dtype)) {
    throw new EngramError(
      'ENG_FORMAT_UNSUPPORTED',
      `${source}: expected tensor ${JSON.stringify(name)} in one of ${Object.keys(safetensorsItemBytes).join(', ')}, got ${JSON.stringify(dtype)}`,
      { remedy: 'Save the tensor in one of those types.' },
    );
  }
  if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
    throw unreadable(
      source,
      `expected tensor ${JSON.stringify(name)} to give whole shape and data_offsets [start, end]`,
    );
  }
  const known = dtype as SafetensorsDtype;
  const expected = shape.reduce((product, size) => product * size, safetensorsItemBytes[known]);
  const [start = 0, end = 0] = offsets;
  if (!Number.isSafeInteger(expected) || end - start !== expected) {
    throw unreadable(
      source,
      `expected ${expected} bytes for tensor ${JSON.stringify(name)} of shape (${shape.join(', ')}) in ${known}, got offsets of ${end - start} bytes`,
    );
  }
  return { dtype: known, shape, startByte: dataStartByte + start, endByte: dataStartByte + end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function checkLayout(
  entries: readonly [string, SafetensorsEntry][],
  dataStartByte: number,
  fileSizeBytes: number,
  source: string,
): void {
  let reached = dataStartByte;
  for (const [name, entry] of entries) {
    if (entry.startByte !== reached) {
      const fault = entry.startByte < reached ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw unreadable(
        source,
        `expected tensor ${JSON.stringify(name)} to start at byte ${reached}, got ${entry.startByte}: it ${fault}`,
      );
    }
    reached = entry.endByte;
  }
  if (reached > fileSizeBytes) throw truncated(source, reached, fileSizeBytes);
  if (reached < fileSizeBytes) {
    throw unreadable(source, `expected the file to end at byte ${reached}, got ${fileSizeBytes} bytes`);
  }
}

function truncated(source: string, expectedBytes: number, gotBytes: number): EngramError {
  return new EngramError('ENG_FILE_TRUNCATED', `${source}: expected ${expectedBytes} bytes, got ${gotBytes}`, {
    remedy: 'Send the file again; it was cut off.',
    details: { expectedBytes, gotBytes },
  });
}

function unreadable(source: string, what: string, cause?: unknown): EngramError {
  return new EngramError('ENG_FILE_UNREADABLE', `${source}: ${what}`, {
    remedy: 'Write the file again with a safetensors library.',
    cause,
  });
}
