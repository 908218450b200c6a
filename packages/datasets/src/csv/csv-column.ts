import type { RowBatch } from '../columns/row-batch.js';
import { fieldError, printable } from '../field-error.js';
import { parseNumber } from './parse-number.js';

/** One field's columns of a CSV file. */
export class CsvColumn {
  readonly batch: RowBatch;
  private readonly places: readonly number[];
  private readonly names: readonly string[];
  private readonly width: number;
  private row = 0;

  /** @param width columns of the whole file. */
  constructor(batch: RowBatch, places: readonly number[], names: readonly string[], width: number) {
    this.batch = batch;
    this.places = places;
    this.names = names;
    this.width = width;
  }

  /** @returns whether the batch is full. */
  take(record: readonly string[]): boolean {
    const { column } = this.batch;
    if (this.row === 0) this.begin(record.length);
    if (column.wants === 'strings') this.batch.pushString(record[this.places[0]!] ?? '');
    else for (let i = 0; i < this.places.length; i++) this.batch.push(this.numberAt(record, i));
    this.row++;
    return this.batch.isFull;
  }

  private begin(recordLength: number): void {
    const { column } = this.batch;
    if (recordLength !== this.width)
      throw fieldError(
        'ENG_FIELDS_INCONSISTENT',
        column.pointer,
        `the header names ${this.width} columns, the first row has ${recordLength}`,
        'Give one name per column.',
      );
    if (column.wants === 'strings' && column.spec.columns !== undefined)
      throw fieldError(
        'ENG_MANIFEST_INVALID',
        column.pointer,
        `${column.field} takes one column of texts, got a list of ${this.names.length}`,
        'Name it with `column`.',
      );
    this.batch.begin(column.spec.columns === undefined ? [] : [this.places.length]);
  }

  private numberAt(record: readonly string[], i: number): number {
    const value = parseNumber(record[this.places[i]!] ?? '');
    if (value !== undefined) return value;
    const { column } = this.batch;
    throw fieldError(
      'ENG_VALUES_INVALID',
      column.pointer,
      `row ${this.row} (counted from 0, after the header) of column ${printable(this.names[i]!)} is not a number`,
      column.field === 'label'
        ? 'Give labels as integers 0 … k − 1, one number per class.'
        : 'Encode categories as numbers before sending them.',
      { details: { row: this.row } },
    );
  }
}
