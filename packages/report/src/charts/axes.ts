import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from 'd3-scale';
import { formatSignificant } from '../numbers/format-number.js';
import type { Tick } from './plot.js';

export type Axis = ScaleContinuousNumeric<number, number>;

/** A logarithmic axis; values at or below zero do not belong on it. */
export function logAxis(domain: readonly [number, number], range: readonly [number, number]): Axis {
  const [low, high] = domain[0] < domain[1] ? domain : [domain[0] / 2, domain[0] * 2];
  return scaleLog([low, high], [...range]).clamp(true);
}

/** A linear axis over the values and whatever else it must include, with a little air; one value alone gets room. */
export function linearAxis(
  values: readonly number[],
  range: readonly [number, number],
  include: readonly number[] = [],
): Axis {
  const all = [...values, ...include];
  let low = Math.min(...all);
  let high = Math.max(...all);
  if (!(low <= high)) [low, high] = [0, 1];
  if (low === high) {
    const room = Math.abs(low) > 0 ? Math.abs(low) / 2 : 1;
    low -= room;
    high += room;
  }
  const air = (high - low) * 0.06;
  const kept = (bound: number) => include.includes(bound);
  return scaleLinear([kept(low) ? low : low - air, kept(high) ? high : high + air], [...range]).clamp(true);
}

export function linearTicks(axis: Axis, count: number, label: (value: number) => string = formatSignificant): Tick[] {
  return axis.ticks(count).map((value) => ({ at: axis(value), label: label(Object.is(value, -0) ? 0 : value) }));
}

/** Powers of ten; with fewer than two of them in range, ones, twos and fives; at most `most` of them. */
export function logTicks(axis: Axis, label: (value: number) => string = formatSignificant, most = 7): Tick[] {
  const [low, high] = axis.domain();
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const stride = Math.max(1, Math.ceil((last - first + 1) / most));
  const values: number[] = [];
  if (last - first >= 1) for (let power = last; power >= first; power -= stride) values.push(Number(`1e${power}`));
  else
    for (let power = first - 1; power <= last + 1; power += 1)
      for (const step of [1, 2, 5]) {
        const value = Number(`${step}e${power}`);
        if (value >= low * 0.999999 && value <= high * 1.000001) values.push(value);
      }
  return values.sort((a, b) => a - b).map((value) => ({ at: axis(value), label: label(value) }));
}

/** Whether positive values spread over so many powers that a linear axis would press most of them flat. */
export function wantsLog(values: readonly number[]): boolean {
  const positive = values.filter((value) => value > 0);
  return positive.length === values.length && values.length > 0 && Math.max(...values) / Math.min(...values) > 30;
}
