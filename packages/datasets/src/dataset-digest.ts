import type { FieldName, StoredField } from '@engram/domain';
import { canonicalJson, sha256Hex } from '@engram/numeric';

/** Two datasets are the same when their columns are: names, types, shapes and bytes. */
export function datasetDigest(fields: Readonly<Partial<Record<FieldName, StoredField>>>): string {
  const columns = Object.entries(fields).map(([name, field]) => [
    name,
    field.kind === 'text'
      ? { kind: field.kind, digest: field.digest, offsets: field.offsets }
      : { dtype: field.dtype, rows: field.rows, rowShape: field.rowShape, digest: field.digest },
  ]);
  return sha256Hex(canonicalJson(Object.fromEntries(columns)));
}
