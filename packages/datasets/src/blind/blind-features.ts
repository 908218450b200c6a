import { EngramError, type FieldName, type NdArray, type OpenDataset } from '@engram/domain';
import { imageLayout } from '@engram/numeric';
import { imageFeatures } from './image-features.js';
import { labelFeatures } from './label-features.js';
import type { RowFeatures } from './row-features.js';
import { tabularFeatures } from './tabular-features.js';
import { textFeatures } from './text-features.js';

export interface BlindSamples {
  /** (n, …rowShape): rows [h, w], [h, w, c] or [c, h, w] count as images, others as tables. */
  readonly inputs?: NdArray;
  readonly texts?: readonly string[];
  /** Class indexes. */
  readonly labels?: ArrayLike<number>;
  /** What a regression is to predict. */
  readonly targets?: ArrayLike<number>;
}

export interface BlindOptions {
  /** Classes the label is spread over; the highest label + 1 when absent. Give it when several datasets are compared. */
  readonly classCount?: number;
  /** Columns of a table that are kept one by one; wider ones are folded into so many. */
  readonly columnCap?: number;
}

/** (n, d) float64, not standardised. d = 0 when a sample shows nothing without a model: the gate is then not measured. */
export interface BlindFeatures extends NdArray<Float64Array> {
  /** Names of the d columns. */
  readonly names: readonly string[];
}

const defaultColumnCap = 512;

/**
 * What can be seen of samples without asking any model, for the test whether members and non-members differ by more
 * than membership. Nothing is fitted: a row's features depend on that row alone, so the same matrix serves every fold
 * and permutation and no test fold can leak into training.
 *
 * @throws ENG_SHAPE_MISMATCH the parts have different numbers of rows, or a label is not below `classCount`.
 * @see Das, Zhang, Tramer 2024, "Blind Baselines Beat Membership Inference Attacks for Foundation Models". Departure:
 *   words are hashed instead of counted over a fitted vocabulary.
 */
export function blindFeatures(samples: BlindSamples, options: BlindOptions = {}): BlindFeatures {
  const { inputs, texts, labels, targets } = samples;
  const counts = [inputs?.shape[0], texts?.length, labels?.length, targets?.length].filter(
    (count) => count !== undefined,
  );
  const [n = 0] = counts;
  if (counts.some((count) => count !== n))
    throw new EngramError('ENG_SHAPE_MISMATCH', `inputs, texts, labels and targets have ${counts.join(', ')} rows`);
  const parts: RowFeatures[] = [];
  if (inputs !== undefined) parts.push(inputFeatures(inputs, options.columnCap ?? defaultColumnCap));
  if (texts !== undefined) parts.push(textFeatures(texts));
  if (labels !== undefined) parts.push(labelFeatures(labels, checkedClassCount(labels, options.classCount)));
  if (targets !== undefined) parts.push(targetFeature(targets));
  const width = parts.reduce((total, part) => total + part.names.length, 0);
  const data = new Float64Array(n * width);
  for (let row = 0; row < n; row++) {
    let at = row * width;
    for (const part of parts) {
      part.fill(row, data, at);
      at += part.names.length;
    }
  }
  return { data, shape: [n, width], names: parts.flatMap((part) => part.names) };
}

function inputFeatures(inputs: NdArray, columnCap: number): RowFeatures {
  const layout = imageLayout(inputs.shape.slice(1));
  return layout === undefined ? tabularFeatures(inputs, columnCap) : imageFeatures(inputs, layout);
}

function targetFeature(targets: ArrayLike<number>): RowFeatures {
  return {
    names: ['target'],
    fill(row, into, at) {
      into[at] = targets[row]!;
    },
  };
}

function checkedClassCount(labels: ArrayLike<number>, given: number | undefined): number {
  let highest = -1;
  for (let i = 0; i < labels.length; i++) highest = Math.max(highest, labels[i]!);
  if (given !== undefined && highest >= given)
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected labels below ${given}, got ${highest}`);
  return given ?? highest + 1;
}

const rangeBytes = 8 * 1024 * 1024;
const mostFeatureBytes = 1024 ** 3;

export interface DatasetBlindOptions extends BlindOptions {
  /** Samples to look at, ascending; all when absent. */
  readonly rows?: ArrayLike<number>;
}

/**
 * Blind features of a stored dataset (`input`, else `text`, else `secret`; and `label` and `target`), read range by range.
 *
 * @returns one row per sample looked at.
 * @throws ENG_UPLOAD_TOO_LARGE the features would take more than 1 GiB: give `rows`. ENG_SHAPE_MISMATCH rows that are not
 *   ascending or not in the dataset.
 */
export async function datasetBlindFeatures(
  dataset: OpenDataset,
  options: DatasetBlindOptions = {},
): Promise<BlindFeatures> {
  const { count, classCount: seen } = dataset.inspected;
  const classCount = options.classCount ?? seen;
  const settings = classCount === undefined ? options : { ...options, classCount };
  const rows = options.rows ?? Array.from({ length: count }, (_, row) => row);
  checkRows(rows, count);
  const perRange = rowsPerRange(dataset);
  let names: readonly string[] = [];
  let data = new Float64Array(0);
  for (let from = 0, at = 0; from < rows.length; ) {
    const start = rows[from]!;
    let to = from;
    while (to < rows.length && rows[to]! < start + perRange) to++;
    const wanted = Array.from({ length: to - from }, (_, i) => rows[from + i]! - start);
    const part = blindFeatures(await samplesOf(dataset, start, wanted), settings);
    if (from === 0) {
      names = part.names;
      checkSize(rows.length, names.length);
      data = new Float64Array(rows.length * names.length);
    }
    data.set(part.data, at);
    at += part.data.length;
    from = to;
  }
  return { data, shape: [rows.length, names.length], names };
}

/** The samples at `wanted`, counted from `start`. */
async function samplesOf(dataset: OpenDataset, start: number, wanted: readonly number[]): Promise<BlindSamples> {
  const end = start + wanted.at(-1)! + 1;
  const numbers = async (field: FieldName) => pick(await dataset.numbers(field, start, end), wanted);
  const text = dataset.has('text') ? 'text' : 'secret';
  const seen = dataset.has('input')
    ? { inputs: await numbers('input') }
    : dataset.has(text)
      ? { texts: await dataset.texts(text, start, end).then((all) => wanted.map((row) => all[row]!)) }
      : {};
  return {
    ...seen,
    ...(dataset.has('label') ? { labels: (await numbers('label')).data } : {}),
    ...(dataset.has('target') ? { targets: (await numbers('target')).data } : {}),
  };
}

function pick({ data, shape }: NdArray, wanted: readonly number[]): NdArray {
  const [rows = 0, ...rowShape] = shape;
  if (wanted.length === rows) return { data, shape };
  const width = data.length / rows;
  const picked = data.slice(0, wanted.length * width);
  wanted.forEach((row, i) => {
    picked.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return { data: picked, shape: [wanted.length, ...rowShape] };
}

function checkRows(rows: ArrayLike<number>, count: number): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (Number.isInteger(row) && row >= 0 && row < count && (i === 0 || row > rows[i - 1]!)) continue;
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected ascending rows below ${count}, got ${row} at place ${i}`);
  }
}

function checkSize(rows: number, columns: number): void {
  if (8 * rows * columns > mostFeatureBytes)
    throw new EngramError(
      'ENG_UPLOAD_TOO_LARGE',
      `blind features of ${rows} samples × ${columns} columns take ${8 * rows * columns} bytes, more than ${mostFeatureBytes}`,
      { remedy: 'Look at a random part of the samples.' },
    );
}

function rowsPerRange({ inspected }: OpenDataset): number {
  const { input, text, secret } = inspected.fields;
  const texts = text ?? secret;
  const rowBytes =
    input?.kind === 'numeric'
      ? 8 * input.rowShape.reduce((product, axis) => product * axis, 1)
      : texts?.kind === 'text'
        ? texts.longestBytes
        : 8;
  return Math.max(1, Math.floor(rangeBytes / Math.max(1, rowBytes)));
}
