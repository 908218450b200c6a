import { npy } from '@engram/datasets/testing';
import { createRandom } from '@engram/numeric';
import type { Upload } from '../harness/client.js';

/** Samples of a classification problem. */
export interface Samples {
  /** (count × width), row after row. */
  readonly inputs: Float32Array;
  readonly labels: Int32Array;
  readonly width: number;
  readonly classes: number;
}

/**
 * Gaussian blobs with labels drawn at random: whoever gets them right has memorised them.
 *
 * @param distance how far the centre of each class is from the origin, in standard deviations; 0: inputs say nothing
 * of the label.
 */
export function blobs(count: number, seed: number, { width = 12, classes = 4, distance = 0 } = {}): Samples {
  const random = createRandom(seed);
  const labels = Int32Array.from({ length: count }, () => random.integer(classes));
  const inputs = Float32Array.from({ length: count * width }, () => random.normal());
  labels.forEach((label, i) => {
    inputs[i * width + label]! += distance;
  });
  return { inputs, labels, width, classes };
}

/** Those of the samples that are of certain classes. */
export function ofClasses(samples: Samples, wanted: readonly number[]): Samples {
  return takeSamples(
    samples,
    [...samples.labels.keys()].filter((i) => wanted.includes(samples.labels[i]!)),
  );
}

/** The samples of these rows, in their order. */
export function takeSamples({ inputs, labels, width, classes }: Samples, rows: readonly number[]): Samples {
  return {
    inputs: Float32Array.from(rows.flatMap((i) => [...inputs.subarray(i * width, (i + 1) * width)])),
    labels: Int32Array.from(rows, (i) => labels[i]!),
    width,
    classes,
  };
}

/** @param shape of the inputs, when not (count, width). */
export function uploadOf(name: string, { inputs, labels, width }: Samples, shape = [labels.length, width]): Upload {
  return {
    manifest: { name, format: 'npy', fields: { input: { file: 'x.npy' }, label: { file: 'y.npy' } } },
    files: { 'x.npy': npy(inputs, shape), 'y.npy': npy(labels) },
  };
}
