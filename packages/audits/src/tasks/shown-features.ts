import { datasetBlindFeatures } from '@engram/datasets';
import type { NdArray } from '@engram/domain';
import { concatenate, type RowPart } from './audit-rows.js';

/**
 * What samples show without any model being asked, as numbers.
 *
 * @param parts the samples come from.
 * @param chosen rows to look at, ascending, numbered through all parts; every row of the parts when absent.
 * @returns (rows, features); null when a part shows nothing, or the parts show different things, which would itself tell
 * them apart.
 */
export async function shownFeatures(
  parts: readonly RowPart[],
  chosen?: Int32Array,
): Promise<NdArray<Float64Array> | null> {
  const shown = parts.map(({ dataset }) =>
    (['input', 'text', 'label', 'target'] as const).filter((field) => dataset.has(field)),
  );
  if (shown[0].length === 0 || new Set(shown.map((fields) => fields.join())).size > 1) return null;
  const classCount = Math.max(0, ...parts.map(({ dataset }) => dataset.inspected.classCount ?? 0));
  const features = await Promise.all(
    parts.map(({ dataset, start, count }) => {
      const rows = chosen?.filter((row) => row >= start && row < start + count).map((row) => row - start);
      return datasetBlindFeatures(dataset, {
        ...(rows === undefined ? {} : { rows }),
        ...(classCount > 0 ? { classCount } : {}),
      });
    }),
  );
  if (features.some(({ shape }) => shape[1] === 0 || shape[1] !== features[0].shape[1])) return null;
  return concatenate(features) as NdArray<Float64Array>;
}
