import { EngramError } from '@engram/domain';
import { type ReferenceValues, referenceMoments } from '../membership/reference-moments.js';

/**
 * Consistency of each sample: how often models that did not train on it get it right, at the bank's training size.
 * The C-score is its mean over several such sizes.
 *
 * @param bank 1 = right.
 * @returns (n) in [0, 1]; higher = more typical of its class. NaN where every model trained on the sample.
 * @see Jiang, Zhang, Talwar and Mozer 2021, "Characterizing Structural Regularities of Labeled Data in
 *   Overparameterized Models", equation 2.
 */
export function consistency(bank: ReferenceValues): Float64Array {
  return referenceMoments(bank, 0, 'mean').location;
}

/**
 * Agreement on each sample: the share of models that predict the class most of them predict, whether they trained on the
 * sample or not, and whether that class is the label or not.
 *
 * @param predictions (models, n) class indices.
 * @returns (n) in (0, 1]; higher = less disputed. Low for ambiguous samples, and near the share of models trained on it
 *   for one with a label of its own.
 * @throws ENG_INSUFFICIENT_SAMPLES no models.
 * @see Carlini, Erlingsson and Papernot 2019, "Distribution Density, Tails, and Outliers in Machine Learning".
 */
export function agreement(predictions: ArrayLike<number>, models: number): Float64Array {
  if (models < 1)
    throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'agreement needs models, got none', {
      remedy: 'Train or give reference models.',
    });
  const n = predictions.length / models;
  const votes = new Map<number, number>();
  return Float64Array.from({ length: n }, (_, i) => {
    votes.clear();
    let most = 0;
    for (let model = 0; model < models; model += 1) {
      const predicted = predictions[model * n + i];
      const count = (votes.get(predicted) ?? 0) + 1;
      votes.set(predicted, count);
      if (count > most) most = count;
    }
    return most / models;
  });
}
