import type { Dataset, DatasetField, Model } from '@engram/contract';
import type { FieldName, StoredDataset, StoredField, StoredModel } from '@engram/domain';
import type { ItemRecord } from '@engram/storage';

export function modelResource({ stored, createdAt }: ItemRecord<StoredModel>): Model {
  const { id, name, manifest, inspected, files } = stored;
  const { inputs, output, abilities, checkpoints, ...facts } = inspected;
  return {
    id,
    name,
    createdAt,
    ...facts,
    inputs: inputs.map(({ shape, ...input }) => ({ ...input, shape: [...shape] })),
    output: { ...output, shape: [...output.shape] },
    abilities: [...abilities],
    ...(checkpoints === undefined ? {} : { checkpoints: [...checkpoints] }),
    manifest: manifest as Model['manifest'],
    files: [...files],
    links: { self: `/v1/models/${id}` },
  };
}

export function datasetResource({ stored, createdAt }: ItemRecord<StoredDataset>): Dataset {
  const { id, name, manifest, inspected } = stored;
  const { fields, inclusion: _inclusion, ...facts } = inspected;
  return {
    id,
    name,
    createdAt,
    format: String(manifest.format),
    ...facts,
    fields: Object.fromEntries(
      (Object.entries(fields) as [FieldName, StoredField][]).map(([field, stored]) => [field, fieldResource(stored)]),
    ),
    manifest: manifest as Dataset['manifest'],
    links: { self: `/v1/datasets/${id}` },
  };
}

function fieldResource(field: StoredField): DatasetField {
  if (field.kind === 'text') return { kind: 'text', shape: [field.rows], longestBytes: field.longestBytes };
  const { dtype, rows, rowShape, minimum, maximum } = field;
  return { kind: 'numeric', dtype, shape: [rows, ...rowShape], minimum, maximum };
}
