import { imageViews, type PixelLayout, viewWriter } from './image-views.js';
import {
  askLabels,
  type LabelledSamples,
  type LabelMeasurement,
  type LabelOracle,
  rowWidth,
  sampleRow,
} from './label-oracle.js';

export interface AugmentationSettings {
  /** Views asked about: rotations and shifts. */
  readonly queries: number;
  /** The most a view is rotated, either way. */
  readonly rotationDegrees: number;
}

/**
 * Counts the slightly rotated and shifted views of an image that the model still labels as the image is.
 *
 * @param image where the pixels lie in a row of the oracle's inputs.
 * @returns (n) integers from 0 to `queries`, so samples tie; higher = more member-like.
 * @see Choquette-Choo et al. 2021, "Label-Only Membership Inference Attacks", on data augmentation.
 */
export async function augmentationVotes(
  samples: LabelledSamples,
  image: PixelLayout,
  oracle: LabelOracle,
  { queries, rotationDegrees }: AugmentationSettings,
): Promise<LabelMeasurement> {
  const width = rowWidth(oracle);
  const n = samples.labels.length;
  const values = new Float64Array(n);
  for (const view of imageViews(queries, rotationDegrees)) {
    const write = viewWriter(view, image);
    await askLabels(
      oracle,
      n,
      (i, row) => write(sampleRow(samples, width, i), row),
      (i, label) => {
        values[i] += Number(label === samples.labels[i]);
      },
    );
  }
  return { values, queries: n * queries };
}
