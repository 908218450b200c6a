import type { RowBatch } from '../columns/row-batch.js';
import { parseNumber } from '../csv/parse-number.js';
import { fieldError, printable } from '../field-error.js';

const mostAxes = 8;

/** One field's keys of a JSON lines file. */
export class JsonColumn {
  readonly batch: RowBatch;
  private readonly keys: readonly string[];
  private shape: readonly number[] | undefined;
  private row = 0;

  constructor(batch: RowBatch) {
    this.batch = batch;
    const { spec } = batch.column;
    this.keys = spec.columns ?? [spec.column ?? ''];
  }

  /** @returns whether the batch is full. */
  take(record: Readonly<Record<string, unknown>>, line: number): boolean {
    const { column } = this.batch;
    if (column.wants === 'strings') this.takeString(record, line);
    else {
      const { spec } = column;
      const value = spec.columns === undefined ? this.valueOf(record, 0, line) : this.valuesOf(record, line);
      if (this.shape === undefined) {
        this.shape = shapeOf(value);
        if (this.shape.length > mostAxes || this.shape.includes(0)) this.refuseShape(value, line);
        this.batch.begin(this.shape);
      }
      this.flatten(value, 0, line);
    }
    this.row++;
    return this.batch.isFull;
  }

  private takeString(record: Readonly<Record<string, unknown>>, line: number): void {
    const { column } = this.batch;
    const value = this.valueOf(record, 0, line);
    const isText = typeof value === 'string' || typeof value === 'number';
    if (!isText || column.spec.columns !== undefined)
      throw fieldError(
        'ENG_VALUES_INVALID',
        column.pointer,
        `line ${line} has ${kindOf(value)} for ${column.field}, expected a string`,
        'Give one string per line.',
        { details: { line } },
      );
    if (this.row === 0) this.batch.begin([]);
    this.batch.pushString(String(value));
  }

  private valuesOf(record: Readonly<Record<string, unknown>>, line: number): unknown[] {
    return this.keys.map((_, i) => this.valueOf(record, i, line));
  }

  private valueOf(record: Readonly<Record<string, unknown>>, i: number, line: number): unknown {
    const key = this.keys[i]!;
    if (Object.hasOwn(record, key)) return record[key];
    const { pointer } = this.batch.column;
    if (this.row > 0)
      throw fieldError(
        'ENG_FIELDS_INCONSISTENT',
        pointer,
        `line ${line} has no key ${printable(key)}, which the lines before it have`,
        'Give every line the same keys.',
        { details: { line } },
      );
    const keys = Object.keys(record);
    throw fieldError(
      'ENG_MANIFEST_INVALID',
      pointer,
      `line ${line} has no key ${printable(key)}; its keys are ${keys.slice(0, 20).map(printable).join(', ') || 'none'}`,
      'Name one of the keys the lines have.',
    );
  }

  private flatten(value: unknown, axis: number, line: number): void {
    const shape = this.shape!;
    if (axis < shape.length) {
      if (!Array.isArray(value) || value.length !== shape[axis]) this.refuseShape(value, line);
      for (const item of value as unknown[]) this.flatten(item, axis + 1, line);
      return;
    }
    if (typeof value === 'number') this.batch.push(value);
    else this.batch.push(this.numberOf(value, line));
  }

  private numberOf(value: unknown, line: number): number {
    if (value === null) return Number.NaN;
    if (typeof value === 'boolean') return value ? 1 : 0;
    const parsed = typeof value === 'string' ? parseNumber(value) : undefined;
    if (parsed !== undefined) return parsed;
    const { column } = this.batch;
    if (Array.isArray(value)) this.refuseShape(value, line);
    throw fieldError(
      'ENG_VALUES_INVALID',
      column.pointer,
      `line ${line} (row ${this.row}, counted from 0) has ${kindOf(value)} for ${column.field}, expected a number`,
      column.field === 'label'
        ? 'Give labels as integers 0 … k − 1, one number per class.'
        : 'Give numbers, or arrays of numbers of one shape.',
      { details: { line, row: this.row } },
    );
  }

  private refuseShape(value: unknown, line: number): never {
    const { column } = this.batch;
    const expected =
      this.row === 0 ? 'numbers or full arrays of numbers' : `shape [${this.shape}] as the first line has`;
    throw fieldError(
      'ENG_FIELDS_INCONSISTENT',
      column.pointer,
      `line ${line} has ${Array.isArray(value) ? `an array of ${value.length} where it does not fit` : kindOf(value)} for ${column.field}, expected ${expected}`,
      'Give arrays of one shape on every line; pad or cut shorter and longer ones.',
      { details: { line } },
    );
  }
}

function shapeOf(value: unknown): number[] {
  const shape: number[] = [];
  for (let inner = value; Array.isArray(inner) && shape.length <= mostAxes; inner = inner[0]) shape.push(inner.length);
  return shape;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
