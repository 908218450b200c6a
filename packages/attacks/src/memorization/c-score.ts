import { EngramError } from '@engram/domain';
import { type ReferenceValues, referenceMoments } from '../membership/reference-moments.js';
import { meanVariance } from './subsampled-memorization.js';

/** C-score of each sample, with what it is the mean of. */
export interface CScores {
  /** (n) in [0, 1]; higher = more typical of its class. NaN where at some size every model trained on the sample. */
  readonly scores: Float64Array;
  /** (n) standard error from the models alone, the sizes taken as given; NaN likewise. */
  readonly standardErrors: Float64Array;
  /** One per bank: (n) held-out correctness at that size, NaN where every model trained on the sample. */
  readonly heldOut: readonly Float64Array[];
}

/**
 * C-score of each sample: the share of models that get it right without having trained on it, at each of several sizes of
 * the training set, and the plain mean of these shares over the sizes. A sample that one size tells nothing of has no score:
 * a mean over the other sizes would be of another quantity.
 *
 * @param banks one per size, all on the same n samples; 1 = right.
 * @throws ENG_INSUFFICIENT_SAMPLES no banks. ENG_SHAPE_MISMATCH banks differ in their samples.
 * @see Jiang, Zhang, Talwar and Mozer 2021, "Characterizing Structural Regularities of Labeled Data in
 *   Overparameterized Models", section 2.
 */
export function cScores(banks: readonly ReferenceValues[]): CScores {
  const [first] = banks;
  if (first === undefined)
    throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'a C-score needs banks of models, got none', {
      remedy: 'Name two subset fractions or more.',
    });
  const n = first.values.length / first.models;
  const sides = banks.map((bank) => {
    const found = bank.values.length / bank.models;
    if (found !== n)
      throw new EngramError('ENG_SHAPE_MISMATCH', `expected banks of ${n} samples each, got one of ${found}`);
    return referenceMoments(bank, 0, 'mean');
  });
  const scores = new Float64Array(n);
  const standardErrors = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    let sum = 0;
    let variance = 0;
    for (const side of sides) {
      sum += side.location[i];
      variance += meanVariance(side, i, 'hard');
    }
    scores[i] = sum / sides.length;
    standardErrors[i] = Math.sqrt(variance) / sides.length;
  }
  return { scores, standardErrors, heldOut: sides.map(({ location }) => location) };
}

/**
 * Accuracy of each model on the samples it did not train on.
 *
 * @param bank 1 = right.
 * @returns (models) in [0, 1]; NaN for a model that trained on all.
 */
export function heldOutAccuracies({ models, trainedOn, values }: ReferenceValues): Float64Array {
  const n = values.length / models;
  return Float64Array.from({ length: models }, (_, model) => {
    let right = 0;
    let total = 0;
    for (let at = model * n; at < (model + 1) * n; at += 1) {
      if (trainedOn[at] === 1) continue;
      total += 1;
      right += values[at];
    }
    return right / total;
  });
}
