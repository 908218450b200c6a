import type { AttackResult } from '@engram/contract';
import { holm } from '@engram/metrics';

/**
 * Fills in the adjusted p-values of an audit's attacks. The attack named beforehand stands alone; the others, which were
 * tried to see, share Holm's correction; the rates of all attacks share another.
 *
 * @param results with p-values as measured, the primary attack marked.
 * @returns the same results in their order.
 */
export function correctForMultiplicity(results: readonly AttackResult[]): AttackResult[] {
  const exploratory = results.filter(({ primary }) => !primary);
  const adjusted = new Map(zip(exploratory, holm(exploratory.map(({ pValue }) => pValue))));
  const points = results.flatMap(({ tprAtFpr }) => tprAtFpr.filter(({ pValue }) => pValue !== null));
  const adjustedPoints = new Map(zip(points, holm(points.map(({ pValue }) => pValue ?? 1))));
  return results.map((result) => ({
    ...result,
    adjustedPValue: adjusted.get(result) ?? result.pValue,
    tprAtFpr: result.tprAtFpr.map((point) => ({ ...point, adjustedPValue: adjustedPoints.get(point) ?? null })),
  }));
}

function zip<A, B>(a: readonly A[], b: ArrayLike<B>): [A, B][] {
  return a.map((one, i) => [one, b[i]]);
}
