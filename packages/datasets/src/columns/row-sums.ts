import type { TypedArray } from '@engram/domain';
import { ValueTally } from './value-tally.js';

const tolerance = 1e-3;

/** Sums of rows that arrive in any pieces, to find those that do not sum to 1. */
export class RowSums {
  /** Rows off by more than 1e-3, by their first element. */
  readonly wrong = new ValueTally();
  private readonly width: number;
  private sum = 0;
  private filled = 0;
  private element = 0;

  constructor(width: number) {
    this.width = width;
  }

  push(values: TypedArray): void {
    for (let i = 0; i < values.length; i++) {
      this.sum += values[i]!;
      this.element++;
      if (++this.filled < this.width) continue;
      // Rows that are not finite are reported as that.
      if (Math.abs(this.sum - 1) > tolerance && Number.isFinite(this.sum)) this.wrong.add(this.element - this.width);
      this.sum = 0;
      this.filled = 0;
    }
  }
}
