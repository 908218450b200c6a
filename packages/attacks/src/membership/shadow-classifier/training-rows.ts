import { argsort, contentHashes } from '@engram/numeric';
import type { ReferenceSignals } from '../signals.js';
import { type OutputFeatures, referenceFeatures } from './output-features.js';

/** Outputs of reference models, and whether the model trained on the sample. */
export interface TrainingRows {
  /** (rows, width). */
  readonly features: OutputFeatures;
  /** (rows) 1 = in. */
  readonly inside: Uint8Array;
}

/**
 * Outputs to learn from: as many on samples a model trained on as on others, drawn without replacement. Which are drawn
 * and how they are ordered follows from what they hold and the seed, so neither the order of samples nor that of models
 * matters. One model's outputs are laid out at a time: a whole bank's would not fit in memory.
 *
 * @param rows at most this many.
 */
export function drawTrainingRows(
  labels: Int32Array,
  reference: ReferenceSignals,
  rows: number,
  seed: number,
): TrainingRows {
  const n = labels.length;
  const hashes = new Float64Array(reference.models * n);
  for (let model = 0; model < reference.models; model += 1)
    hashes.set(contentHashes(referenceFeatures(labels, reference, model), seed), model * n);
  const order = argsort(hashes);
  const sides = [0, 1].map((side) => order.filter((at) => reference.trainedOn[at] === side));
  const perSide = Math.min(Math.floor(rows / 2), sides[0].length, sides[1].length);
  return gather(labels, reference, [...sides[0].subarray(0, perSide), ...sides[1].subarray(0, perSide)]);
}

function gather(labels: Int32Array, reference: ReferenceSignals, drawn: readonly number[]): TrainingRows {
  const n = labels.length;
  const placesOf = Array.from({ length: reference.models }, (): number[] => []);
  drawn.forEach((at, place) => {
    placesOf[Math.floor(at / n)].push(place);
  });
  let width = 0;
  let data = new Float64Array(0);
  placesOf.forEach((places, model) => {
    const ofModel = referenceFeatures(labels, reference, model);
    if (model === 0) {
      width = ofModel.shape[1];
      data = new Float64Array(drawn.length * width);
    }
    for (const place of places) {
      const from = (drawn[place] % n) * width;
      data.set(ofModel.data.subarray(from, from + width), place * width);
    }
  });
  return {
    features: { data, shape: [drawn.length, width] },
    inside: Uint8Array.from(drawn, (at) => reference.trainedOn[at]),
  };
}
