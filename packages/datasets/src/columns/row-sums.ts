import type { TypedArray } from '@engram/domain';
import { ValueTally } from './value-tally.js';

const tolerance = 1e-3;
/** What one class leaves to all others below this cannot be told from nothing. */
const smallestRest = 1e-12;

/** Sums of rows that arrive in any pieces, to find those that do not sum to 1, and those that leave one class everything. */
export class RowSums {
  /** Rows off by more than 1e-3, by their first element. */
  readonly wrong = new ValueTally();
  /** Rows whose largest probability leaves less than 1e-12 to all others together. */
  saturated = 0;
  private readonly width: number;
  private sum = 0;
  private largest = 0;
  /** Sum of all but the largest: never a difference, which would cancel. */
  private rest = 0;
  private filled = 0;
  private element = 0;

  constructor(width: number) {
    this.width = width;
  }

  push(values: TypedArray): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      this.sum += value;
      this.rest += Math.min(value, this.largest);
      this.largest = Math.max(value, this.largest);
      this.element++;
      if (++this.filled < this.width) continue;
      // Rows that are not finite are reported as that.
      if (Math.abs(this.sum - 1) > tolerance && Number.isFinite(this.sum)) this.wrong.add(this.element - this.width);
      if (this.rest <= smallestRest) this.saturated++;
      this.sum = 0;
      this.largest = 0;
      this.rest = 0;
      this.filled = 0;
    }
  }
}
