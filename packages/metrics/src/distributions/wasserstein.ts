import { EngramError } from '@engram/domain';

/**
 * Wasserstein-1 distance between two samples: the area between their distribution functions, in the unit of the values.
 *
 * @param a (n) finite, at least one value.
 * @param b (m) finite, at least one value.
 * @returns at least 0; 0 only for equal distributions.
 * @throws ENG_INSUFFICIENT_SAMPLES a sample is empty. ENG_VALUES_NOT_FINITE a value is NaN or infinite.
 */
export function wasserstein1(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const first = sortedFinite(a);
  const second = sortedFinite(b);
  let i = 0;
  let j = 0;
  let area = 0;
  let previous = Math.min(first[0]!, second[0]!);
  while (i < first.length || j < second.length) {
    const value = Math.min(first[i] ?? Infinity, second[j] ?? Infinity);
    area += (value - previous) * Math.abs(i / first.length - j / second.length);
    while (first[i] === value) i += 1;
    while (second[j] === value) j += 1;
    previous = value;
  }
  return area;
}

function sortedFinite(values: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(values);
  if (sorted.length === 0) throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected values to compare, got none');
  const faulty = sorted.findIndex((value) => !Number.isFinite(value));
  if (faulty >= 0) {
    throw new EngramError('ENG_VALUES_NOT_FINITE', `expected finite values, got ${sorted[faulty]} in row ${faulty}`);
  }
  return sorted.sort();
}
