import { createRandom } from '@engram/numeric';
import type { ReferenceValues } from '../membership/reference-moments.js';

/** A bank of 1-nearest-neighbour classifiers on a line: memorization and influence in closed form. For tests. */
export interface NearestNeighbours {
  /** Right or wrong on the training samples. */
  readonly bank: ReferenceValues;
  /** (models, tests) right or wrong on a test sample next to each of the first `tests` training samples. */
  readonly answers: Uint8Array;
}

/**
 * @param given `label` of training sample i; `truth` of the test sample next to training sample j, as many as `tests`;
 *   each model trains on half of the samples, models 2k and 2k + 1 on complementary halves.
 */
export function nearestNeighbour(given: {
  readonly samples: number;
  readonly models: number;
  readonly label: (sample: number) => number;
  readonly tests?: number;
  readonly truth?: (test: number) => number;
}): NearestNeighbours {
  const { samples, models, tests = 0, truth = () => 0 } = given;
  const random = createRandom(7);
  const places = Float64Array.from({ length: samples }, () => random.uniform());
  const labels = Int32Array.from({ length: samples }, (_, i) => given.label(i));
  const trainedOn = new Uint8Array(models * samples);
  const values = new Uint8Array(models * samples);
  const answers = new Uint8Array(models * tests);
  for (let model = 0; model < models; model += 1) {
    const mask = trainedOn.subarray(model * samples, (model + 1) * samples);
    if (model % 2 === 1) mask.set(trainedOn.subarray((model - 1) * samples, model * samples).map((one) => 1 - one));
    else {
      const order = random.shuffle(Int32Array.from({ length: samples }, (_, i) => i));
      for (const i of order.subarray(0, samples / 2)) mask[i] = 1;
    }
    const nearest = (place: number) => {
      let best = -1;
      for (let i = 0; i < samples; i += 1)
        if (mask[i] === 1 && (best < 0 || Math.abs(places[i] - place) < Math.abs(places[best] - place))) best = i;
      return labels[best];
    };
    for (let i = 0; i < samples; i += 1) values[model * samples + i] = Number(nearest(places[i]) === labels[i]);
    for (let j = 0; j < tests; j += 1) answers[model * tests + j] = Number(nearest(places[j] + 1e-9) === truth(j));
  }
  return { bank: { models, trainedOn, values }, answers };
}
