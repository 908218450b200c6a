import {
  type ArtifactStore,
  type Dtype,
  EngramError,
  type ErrorCode,
  type FieldName,
  type InspectedDataset,
  type OpenDataset,
  type StoredField,
  type TypedArray,
} from '@engram/domain';
import { sha256Hex } from '@engram/numeric';
import { datasetDigest } from '../dataset-digest.js';
import { drawCanaries } from './draw-canaries.js';
import { rowRanges } from './row-ranges.js';

/** More canaries than this share of the training samples change the model they are to measure. */
const largestCanaryShare = 0.01;
/** Fewer show next to nothing: none may ask for less. */
const fewestCanaries = 100;

/** More than this adds little to a bound. */
const usualCanaries = 1000;

/** As many canaries as leave the model what it would be, of those that are usually planted; never too few to show anything. */
export function defaultCanaries(trainingSamples: number): number {
  return Math.max(fewestCanaries, Math.min(usualCanaries, Math.floor(trainingSamples * largestCanaryShare)));
}

export interface PlantRequest {
  readonly source: OpenDataset;
  readonly count: number;
  readonly seed: number;
  /** Allows more than one canary in a hundred training samples. */
  readonly allowLargeShare: boolean;
  readonly store: ArtifactStore;
  readonly project: string;
  readonly signal?: AbortSignal;
}

export interface PlantedCanaries {
  /** Input, wrong label, and member = the coin: what is judged after training. */
  readonly canaries: InspectedDataset;
  /** The source without the rows that became canaries, then the canaries whose coin fell for them: what to train on. */
  readonly trainingSet: InspectedDataset;
  readonly included: number;
  /** SHA-256 of the coins, one byte each in the order of the canaries: shows later that none was changed after training. */
  readonly coinsDigest: string;
}

/**
 * Plants mislabelled canaries: samples of the training set that are given a wrong class, each trained on if a fair coin of
 * its own says so. Nobody would guess the wrong label who was not trained on it, so what the model gives away is its
 * training. Columns are written through the store; memory grows with the labels, not with the inputs.
 *
 * @throws with a fault at the field of the request: ENG_DATA_MODEL_MISMATCH no inputs or no labels, or fewer than two
 *   classes. ENG_INSUFFICIENT_SAMPLES more canaries than the share allowed, or than samples that occur once.
 * @see Steinke, Nasr and Jagielski 2023, "Privacy Auditing with One (1) Training Run", section 6.
 */
export async function plantCanaries(request: PlantRequest): Promise<PlantedCanaries> {
  const { source, count, seed, store, project, signal } = request;
  const classes = checkSource(request);
  const labels = Int32Array.from((await source.numbers('label')).data);
  const drawn = await drawCanaries(source, labels, {
    count,
    classes,
    seed,
    ...(signal === undefined ? {} : { signal }),
  });
  const isIncluded = (_: unknown, i: number) => drawn.coins[i] === 1;
  const included = drawn.rows.filter(isIncluded);
  const training = joined(withoutRows(labels, drawn.rows), drawn.labels.filter(isIncluded));
  const write = (dtype: Dtype, rowShape: readonly number[], rows: number, pieces: Pieces) =>
    writeColumn({ store, project, dtype, rowShape, rows }, pieces);
  const { dtype, rowShape } = source.inspected.fields.input as NumericField;
  const canaries = {
    input: await write(dtype, rowShape, count, singleRows(source, drawn.rows, signal)),
    label: await write('int32', [], count, [drawn.labels]),
    member: await write('uint8', [], count, [drawn.coins]),
  };
  const trainingSet = {
    input: await write(dtype, rowShape, training.length, trainingRows(source, drawn.rows, included, signal)),
    label: await write('int32', [], training.length, [training]),
  };
  const sides = { members: included.length, nonMembers: count - included.length };
  return {
    canaries: inspected(count, canaries, { duplicates: 0, ...sides }),
    trainingSet: inspected(training.length, trainingSet, { duplicates: source.inspected.duplicates }),
    included: included.length,
    coinsDigest: sha256Hex(drawn.coins),
  };
}

type NumericField = Extract<StoredField, { readonly kind: 'numeric' }>;
type Pieces = Iterable<TypedArray> | AsyncIterable<TypedArray>;

/** @returns the number of classes. */
function checkSource({ source, count, allowLargeShare }: PlantRequest): number {
  const { fields, count: samples, classCount = 0 } = source.inspected;
  const refuse = (code: ErrorCode, pointer: string, message: string, remedy: string) => {
    throw new EngramError(code, message, { faults: [{ pointer, message }], remedy });
  };
  for (const field of ['input', 'label'] as const)
    if (fields[field]?.kind !== 'numeric')
      refuse(
        'ENG_DATA_MODEL_MISMATCH',
        '/dataset',
        `mislabelled canaries need inputs and labels: expected the field ${field}, got ${Object.keys(fields).join(', ')}`,
        'Upload the training samples with both fields.',
      );
  if (classCount < 2)
    refuse(
      'ENG_DATA_MODEL_MISMATCH',
      '/dataset',
      `a wrong label needs another class: expected at least 2 classes, got ${classCount}`,
      'Upload training samples of two classes or more.',
    );
  const most = Math.floor(samples * (allowLargeShare ? 0.5 : largestCanaryShare));
  if (count > most)
    refuse(
      'ENG_INSUFFICIENT_SAMPLES',
      '/count',
      `${count} canaries in ${samples} training samples are ${((100 * count) / samples).toFixed(1)} %: expected at most ${most}`,
      allowLargeShare
        ? 'Plant canaries in no more than half of the samples.'
        : `${most < fewestCanaries ? 'Use' : `Plant at most ${most}, use`} ${Math.ceil(count / largestCanaryShare)} training samples or more, or state "allowLargeShare": true and expect the model to be worse for it.`,
    );
  return classCount;
}

/** Stores rows as they come; their smallest and largest value are found on the way. */
async function writeColumn(
  column: Pick<NumericField, 'dtype' | 'rowShape' | 'rows'> & Pick<PlantRequest, 'store' | 'project'>,
  pieces: Pieces,
): Promise<NumericField> {
  const { store, project, dtype, rowShape, rows } = column;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  async function* bytes() {
    for await (const piece of pieces) {
      for (const value of piece) {
        if (value < minimum) minimum = value;
        if (value > maximum) maximum = value;
      }
      yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
    }
  }
  const { digest } = await store.put(project, bytes());
  return { kind: 'numeric', dtype, rowShape, rows, digest, minimum, maximum };
}

/** Inputs of the rows that did not become canaries, then of the canaries that are trained on. */
async function* trainingRows(
  source: OpenDataset,
  canaries: Int32Array,
  included: Int32Array,
  signal: AbortSignal | undefined,
): AsyncGenerator<TypedArray> {
  for (const [start, end] of rowRanges(source.inspected, 'input')) {
    signal?.throwIfAborted();
    const { data } = await source.numbers('input', start, end);
    const width = data.length / (end - start);
    let kept = start;
    for (const row of canaries) {
      if (row < start || row >= end) continue;
      if (row > kept) yield data.subarray((kept - start) * width, (row - start) * width);
      kept = row + 1;
    }
    if (kept < end) yield data.subarray((kept - start) * width);
  }
  yield* singleRows(source, included, signal);
}

async function* singleRows(
  source: OpenDataset,
  rows: Int32Array,
  signal: AbortSignal | undefined,
): AsyncGenerator<TypedArray> {
  for (const row of rows) {
    signal?.throwIfAborted();
    yield (await source.numbers('input', row, row + 1)).data;
  }
}

function withoutRows(values: Int32Array, rows: Int32Array): Int32Array {
  const left = new Set(rows);
  return values.filter((_, i) => !left.has(i));
}

function joined(first: Int32Array, second: Int32Array): Int32Array {
  const whole = new Int32Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

function inspected(
  count: number,
  fields: Readonly<Partial<Record<FieldName, NumericField>>> & { readonly label: NumericField },
  rest: Pick<InspectedDataset, 'duplicates' | 'members' | 'nonMembers'>,
): InspectedDataset {
  return { count, fields, classCount: fields.label.maximum + 1, digest: datasetDigest(fields), ...rest };
}
