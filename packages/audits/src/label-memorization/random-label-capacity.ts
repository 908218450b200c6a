import { epochsToAccuracy } from '@engram/attacks';
import type { RandomLabelCapacity } from '@engram/contract';
import { type Bundle, type Measured, notMeasured } from '@engram/domain';
import { clopperPearson } from '@engram/metrics';
import { mean } from '@engram/numeric';
import { meanCount } from './mean-over-runs.js';

/** Share of the labels taught from which they count as fitted, as published. */
const fitted = 0.99;

/**
 * The capacity curve from what `train-label-noise` counted: right answers of each model after every epoch.
 *
 * @param trained arrays `right` (models, epochs), `random`, `randomRight`, `heldOutRight` (models), models level by level.
 */
export function randomLabelCapacity({ arrays, meta }: Bundle, confidence: number): RandomLabelCapacity {
  const corruption = meta.corruption as readonly number[];
  const [seeds, members, nonMembers, classes] = [meta.seeds, meta.members, meta.nonMembers, meta.classes].map(Number);
  const epochs = arrays.right.shape[1];
  return {
    epochs,
    seeds,
    chance: 1 / classes,
    levels: corruption.map((level, i) => {
      const models = Array.from({ length: seeds }, (_, seed) => i * seeds + seed);
      const total = (name: string) => meanCount(models.map((model) => arrays[name].data[model]));
      const accuracies = models.map((model) =>
        Float64Array.from(arrays.right.data.subarray(model * epochs, (model + 1) * epochs), (count) => count / members),
      );
      const right = meanCount(models.map((model) => arrays.right.data[(model + 1) * epochs - 1]));
      return {
        corruption: level,
        trainingAccuracy: clopperPearson(right, members, confidence),
        randomLabelAccuracy:
          total('random') === 0
            ? notMeasured('ENG_NOT_REQUESTED', 'at this level no label is random')
            : clopperPearson(total('randomRight'), total('random'), confidence),
        heldOutAccuracy: clopperPearson(total('heldOutRight'), nonMembers, confidence),
        ...timeToFit(accuracies, confidence),
      };
    }),
  };
}

/** Epochs until the labels are fitted, the budget where they are not: looked at once an epoch, so known to one. */
function timeToFit(
  accuracies: readonly Float64Array[],
  confidence: number,
): { readonly epochsToFit: Measured; readonly censored: boolean } {
  const times = accuracies.map((accuracy) => epochsToAccuracy(accuracy, fitted));
  const epochs = times.map((time) => time ?? accuracies[0].length);
  return {
    epochsToFit: {
      status: 'measured',
      value: mean(epochs),
      low: Math.min(...times.map((time) => (time === null ? accuracies[0].length : time - 1))),
      high: Math.max(...epochs),
      confidence,
      n: accuracies.length,
      method: 'order',
    },
    censored: times.includes(null),
  };
}
