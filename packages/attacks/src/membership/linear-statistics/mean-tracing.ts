import { EngramError, type NdArray } from '@engram/domain';

/**
 * Who is in a released mean: its inner product with each sample, the score statistic of an estimated mean.
 *
 * @param release (d) mean of the members, possibly with noise, in coordinates in which the population mean is 0.
 * @param samples (n, d) in the same coordinates.
 * @returns (n) higher = more member-like. For n members of N(0, I) the AUC is Phi(sqrt(d / 2n)).
 * @throws ENG_SHAPE_MISMATCH.
 * @see Dwork, Smith, Steinke, Ullman and Vadhan 2015, "Robust Traceability from Trace Amounts", section 1.
 */
export function meanTracingScores(release: ArrayLike<number>, samples: NdArray): Float64Array {
  const [n = 0, d = 0] = samples.shape;
  if (release.length !== d || samples.data.length !== n * d)
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected samples (n, ${release.length}) like the release, got (${samples.shape.join(', ')})`,
    );
  return Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < d; k += 1) sum += release[k]! * samples.data[i * d + k]!;
    return sum;
  });
}
