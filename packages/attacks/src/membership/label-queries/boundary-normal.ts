import type { Random } from '@engram/numeric';
import { clipTo, type InputRange } from './input-range.js';

/**
 * Writes a point in a uniformly random direction from another, `radius` away unless the input range is nearer.
 *
 * @param row (width) where it is written.
 */
export function drawAround(
  point: Float32Array,
  radius: number,
  range: InputRange,
  random: Random,
  row: Float32Array,
): void {
  let squares = 0;
  for (let j = 0; j < row.length; j += 1) {
    row[j] = random.normal();
    squares += row[j] ** 2;
  }
  const scale = radius / Math.sqrt(squares);
  for (let j = 0; j < row.length; j += 1) row[j] = clipTo(range, point[j] + scale * row[j]);
}

/**
 * The normal of a decision boundary at a point on it, from the labels of points drawn around: the mean over draws of
 * (s - mean s) u, u the way from the point to the draw and s = 1 beyond the boundary, -1 before it. Without the mean taken
 * off, a point not quite on the boundary would drown the direction in noise.
 *
 * @see Chen, Jordan and Wainwright 2020, "HopSkipJumpAttack", on the variance of its gradient estimate.
 */
export class NormalEstimate {
  private readonly sum: Float64Array;
  private readonly signed: Float64Array;
  private signs = 0;
  private draws = 0;

  constructor(width: number) {
    this.sum = new Float64Array(width);
    this.signed = new Float64Array(width);
  }

  clear(): void {
    this.sum.fill(0);
    this.signed.fill(0);
    this.signs = 0;
    this.draws = 0;
  }

  /** @param row (width) the draw as it was asked about: clipping may have moved it. */
  add(point: Float32Array, row: Float32Array, beyond: boolean): void {
    const sign = beyond ? 1 : -1;
    for (let j = 0; j < row.length; j += 1) {
      const moved = row[j] - point[j];
      this.sum[j] += moved;
      this.signed[j] += sign * moved;
    }
    this.signs += sign;
    this.draws += 1;
  }

  /** Writes the unit normal, pointing beyond; zeros when the draws cancel. */
  write(normal: Float32Array): void {
    const mean = this.signs / this.draws;
    // All on one side: the mean way to them is all there is to go by.
    const taken = Math.abs(mean) === 1 ? 0 : mean;
    let squares = 0;
    for (let j = 0; j < normal.length; j += 1) squares += (this.signed[j] - taken * this.sum[j]) ** 2;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let j = 0; j < normal.length; j += 1) normal[j] = scale * (this.signed[j] - taken * this.sum[j]);
  }
}
