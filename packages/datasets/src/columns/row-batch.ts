import type { ColumnSink } from '../reader.js';

const numbersPerBatch = 32_768;
const stringBytesPerBatch = 256 * 1024;

/** Collects the values of one column row by row, for readers of row formats, and hands them on in batches. */
export class RowBatch {
  readonly column: ColumnSink;
  private width = 0;
  private numbers = new Float64Array(0);
  private filled = 0;
  private strings: string[] = [];
  private stringLength = 0;

  constructor(column: ColumnSink) {
    this.column = column;
  }

  /** The width of a row is known from the first one. */
  begin(rowShape: readonly number[]): void {
    this.width = rowShape.reduce((product, axis) => product * axis, 1);
    this.numbers = new Float64Array(this.capacity());
    this.column.begin({ element: this.column.wants === 'numbers' ? 'decimal' : 'string', rowShape });
  }

  push(value: number): void {
    this.numbers[this.filled++] = value;
  }

  pushString(value: string): void {
    this.strings.push(value);
    this.stringLength += value.length;
  }

  async flush(): Promise<void> {
    if (this.filled > 0) {
      const values = this.numbers.subarray(0, this.filled);
      this.numbers = new Float64Array(this.capacity());
      this.filled = 0;
      await this.column.numbers(values);
    }
    if (this.strings.length > 0) {
      const values = this.strings;
      this.strings = [];
      this.stringLength = 0;
      await this.column.strings(values);
    }
  }

  /** True when another row may not fit. Asked after each row, so that most rows cost no promise. */
  get isFull(): boolean {
    if (this.column.wants === 'strings') return this.stringLength > stringBytesPerBatch || this.strings.length >= 8192;
    return this.numbers.length - this.filled < this.width;
  }

  private capacity(): number {
    if (this.column.wants === 'strings') return 0;
    return Math.max(1, Math.floor(numbersPerBatch / Math.max(1, this.width))) * this.width;
  }
}
