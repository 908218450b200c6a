import type { FieldName, OpenDataset, TypedArray } from '@engram/domain';

const rangeBytes = 4 * 1024 * 1024;

/** The inputs of a dataset, range by range, each a whole number of rows. */
export async function* numberRanges(dataset: OpenDataset, width: number): AsyncGenerator<TypedArray> {
  const { count } = dataset.inspected;
  const rows = Math.max(1, Math.floor(rangeBytes / (8 * width)));
  for (let start = 0; start < count; start += rows)
    yield (await dataset.numbers('input', start, Math.min(count, start + rows))).data;
}

/** The texts of a field one by one, read range by range. */
export async function* textsOf(dataset: OpenDataset, field: FieldName): AsyncGenerator<string> {
  const stored = dataset.inspected.fields[field];
  const longest = stored?.kind === 'text' ? Math.max(1, stored.longestBytes) : 1;
  const rows = Math.min(4096, Math.max(1, Math.floor(rangeBytes / longest)));
  const { count } = dataset.inspected;
  for (let start = 0; start < count; start += rows)
    yield* await dataset.texts(field, start, Math.min(count, start + rows));
}
