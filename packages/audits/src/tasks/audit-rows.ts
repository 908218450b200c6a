import { openDataset } from '@engram/datasets';
import {
  EngramError,
  type FieldName,
  type ModelTask,
  type NdArray,
  type OpenDataset,
  type TypedArray,
} from '@engram/domain';
import type { Labels } from '@engram/models';
import type { DataRole, DatasetDescriptor } from '../resources.js';
import { readDocument, type TaskContext } from './context.js';

/** One dataset's share of the rows being judged. */
export interface RowPart {
  readonly role: DataRole;
  readonly dataset: OpenDataset;
  /** First row of this part among all rows. */
  readonly start: number;
  readonly count: number;
}

/**
 * The samples of an audit, in one order everywhere: members then non-members, or the audit set as it lies; then the
 * non-members set aside to calibrate on, which reference models see like any other but no rate is counted on.
 */
export interface AuditRows {
  readonly parts: readonly RowPart[];
  readonly count: number;
  /** Rows [0, judged) are judged; those after them are set aside. */
  readonly judged: number;
  /** (count) 1 = member. */
  readonly membership: Uint8Array;
  /** (count) 1 = set aside. */
  readonly calibration: Uint8Array;
}

const rowRoles: readonly DataRole[] = ['members', 'nonMembers', 'auditSet', 'calibration'];

export async function openRole(context: TaskContext, role: DataRole): Promise<OpenDataset | undefined> {
  if (context.inputs[role] === undefined) return undefined;
  const { inspected } = await readDocument<DatasetDescriptor>(context, role);
  return openDataset(inspected, context.store, context.project);
}

export async function openAuditRows(context: TaskContext): Promise<AuditRows> {
  const parts: RowPart[] = [];
  let count = 0;
  for (const role of rowRoles) {
    const dataset = await openRole(context, role);
    if (dataset === undefined) continue;
    parts.push({ role, dataset, start: count, count: dataset.inspected.count });
    count += dataset.inspected.count;
  }
  const membership = new Uint8Array(count);
  const calibration = new Uint8Array(count);
  for (const part of parts) {
    if (part.role === 'calibration') calibration.fill(1, part.start, part.start + part.count);
    if (part.role === 'members') membership.fill(1, part.start, part.start + part.count);
    if (part.role === 'auditSet') {
      const member = await part.dataset.numbers('member');
      for (let i = 0; i < part.count; i += 1) membership[part.start + i] = member.data[i];
    }
  }
  const judged = count - calibration.reduce((sum, mark) => sum + mark, 0);
  return { parts, count, judged, membership, calibration };
}

/** A numeric field of all rows, one part after another: shape (count, ...row). */
export async function numbersOf(rows: AuditRows, field: FieldName): Promise<NdArray> {
  const arrays = await Promise.all(rows.parts.map((part) => part.dataset.numbers(field)));
  return concatenate(arrays);
}

/** Class labels of all rows. */
export async function labelsOf(rows: AuditRows): Promise<Int32Array> {
  return Int32Array.from((await numbersOf(rows, 'label')).data);
}

/** What a model of this task is held against: targets of a regression, else classes. */
export async function truthOf(
  source: { numbers(field: FieldName): Promise<NdArray> },
  task: ModelTask,
): Promise<Labels> {
  return task === 'regression'
    ? Float64Array.from((await source.numbers('target')).data)
    : Int32Array.from((await source.numbers('label')).data);
}

/** The same of all rows. */
export function truthOfRows(rows: AuditRows, task: ModelTask): Promise<Labels> {
  return truthOf({ numbers: (field) => numbersOf(rows, field) }, task);
}

export function everyPartHas(rows: AuditRows, field: FieldName): boolean {
  return rows.parts.every((part) => part.dataset.has(field));
}

/** A flat array as one of the arrays of a bundle: (n). */
export function vector<T extends TypedArray>(data: T): NdArray<T> {
  return { data, shape: [data.length] };
}

/** Rows of several arrays one after another; row shapes must agree, element types widen to float64 when they differ. */
export function concatenate(arrays: readonly NdArray[]): NdArray {
  const [first, ...rest] = arrays;
  if (first === undefined) throw new EngramError('ENG_INTERNAL', 'nothing to concatenate');
  if (rest.length === 0) return first;
  const rowShape = first.shape.slice(1);
  let rows = 0;
  let length = 0;
  for (const array of arrays) {
    if (array.shape.slice(1).join() !== rowShape.join())
      throw new EngramError(
        'ENG_SHAPE_MISMATCH',
        `rows of the datasets differ in shape: [${rowShape}] and [${array.shape.slice(1)}]`,
      );
    rows += array.shape[0];
    length += array.data.length;
  }
  const same = rest.every((array) => array.data.constructor === first.data.constructor);
  const data: TypedArray = same
    ? new (first.data.constructor as new (length: number) => TypedArray)(length)
    : new Float64Array(length);
  let offset = 0;
  for (const array of arrays) {
    data.set(array.data, offset);
    offset += array.data.length;
  }
  return { data, shape: [rows, ...rowShape] };
}

/** Rows `indices` of an array, in that order. */
export function takeRows<T extends TypedArray>(array: NdArray<T>, indices: ArrayLike<number>): NdArray<T> {
  const rowShape = array.shape.slice(1);
  const width = rowShape.reduce((product, size) => product * size, 1);
  const data = new (array.data.constructor as new (length: number) => T)(indices.length * width);
  for (let i = 0; i < indices.length; i += 1)
    data.set(array.data.subarray(indices[i] * width, (indices[i] + 1) * width), i * width);
  return { data, shape: [indices.length, ...rowShape] };
}

/** Row numbers with membership 1 (or 0), ascending. */
export function rowsWhere(membership: Uint8Array, wanted: 0 | 1): Int32Array {
  const found: number[] = [];
  membership.forEach((value, i) => {
    if (value === wanted) found.push(i);
  });
  return Int32Array.from(found);
}
