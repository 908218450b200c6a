import {
  type ArtifactStore,
  type Digest,
  type Dtype,
  EngramError,
  type FieldName,
  type InspectedDataset,
  type OpenDataset,
  type StoredField,
  type TypedArray,
} from '@engram/domain';

const views: Readonly<Record<Dtype, (bytes: Uint8Array) => TypedArray>> = {
  float32: (bytes) => new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4),
  float64: (bytes) => new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8),
  int32: (bytes) => new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4),
  uint8: (bytes) => bytes,
};

const bytesOf: Readonly<Record<Dtype, number>> = { float32: 4, float64: 8, int32: 4, uint8: 1 };

/** What a field is when it is wanted as another kind, or is not there: an impossible state after preflight. */
function fieldOf<Kind extends StoredField['kind']>(
  inspected: InspectedDataset,
  field: FieldName,
  kind: Kind,
): Extract<StoredField, { kind: Kind }> {
  const stored = inspected.fields[field];
  if (stored?.kind === kind) return stored as Extract<StoredField, { kind: Kind }>;
  throw new EngramError(
    'ENG_SHAPE_MISMATCH',
    `expected a ${kind} field ${field}, the dataset has ${stored === undefined ? `only ${Object.keys(inspected.fields).join(', ')}` : `a ${stored.kind} one`}`,
  );
}

/**
 * Opens a dataset that was read: rows by range, each call reading only what it returns.
 *
 * Errors by code: ENG_SHAPE_MISMATCH no such field, or a range outside it. ENG_ARTIFACT_NOT_FOUND the column is gone.
 */
export function openDataset(inspected: InspectedDataset, store: ArtifactStore, project: string): OpenDataset {
  const read = async (digest: Digest, offset: number, length: number): Promise<Uint8Array> => {
    if (length === 0) return new Uint8Array(0);
    const access = await store.open(project, digest);
    try {
      const bytes = await access.read(offset, length);
      // A view at an odd place of a larger buffer cannot be seen as wider elements.
      return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
    } finally {
      await access.close();
    }
  };
  const texts = async (field: FieldName, start = 0, end?: number): Promise<string[]> => {
    const stored = fieldOf(inspected, field, 'text');
    const last = checkRange(field, stored.rows, start, end);
    const offsetBytes = await read(stored.offsets, 8 * start, 8 * (last - start + 1));
    const offsets = views.float64(offsetBytes);
    const first = offsets[0]!;
    const bytes = await read(stored.digest, first, offsets[last - start]! - first);
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return Array.from({ length: last - start }, (_, i) =>
      buffer.toString('utf8', offsets[i]! - first, offsets[i + 1]! - first),
    );
  };
  return {
    inspected,
    has: (field) => inspected.fields[field] !== undefined,
    async numbers(field, start = 0, end) {
      const { dtype, rowShape, rows, digest } = fieldOf(inspected, field, 'numeric');
      const last = checkRange(field, rows, start, end);
      const rowBytes = rowShape.reduce((product, axis) => product * axis, bytesOf[dtype]);
      const bytes = await read(digest, start * rowBytes, (last - start) * rowBytes);
      return { data: views[dtype](bytes), shape: [last - start, ...rowShape] };
    },
    texts,
    ids: async () =>
      inspected.fields.id === undefined
        ? Array.from({ length: inspected.count }, (_, row) => String(row))
        : await texts('id'),
  };
}

function checkRange(field: FieldName, rows: number, start: number, end = rows): number {
  if (Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= rows) return end;
  throw new EngramError('ENG_SHAPE_MISMATCH', `rows ${start} to ${end} of ${field}, which has ${rows}`);
}

/** Bytes all rows of a field take in memory (for texts: of UTF-8, at most). */
export function fieldBytes(stored: StoredField): number {
  if (stored.kind === 'text') return stored.rows * stored.longestBytes;
  return stored.rowShape.reduce((product, axis) => product * axis, stored.rows * bytesOf[stored.dtype]);
}
