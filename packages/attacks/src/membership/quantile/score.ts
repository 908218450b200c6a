import { EngramError, type NdArray } from '@engram/domain';
import {
  boostedPredictions,
  contentFolds,
  contentHashes,
  deriveSeed,
  gaussianLoss,
  pinballLoss,
  standardDeviation,
} from '@engram/numeric';
import { crossFit } from './cross-fit.js';
import { sampleRows } from './sample-rows.js';

/** What the attack reads. */
export interface QuantileSignals {
  /** (n) nats, finite: the label's logit less the best of the others; of a regression minus the logarithm of its squared
   * error. */
  readonly confidence: Float64Array;
  /** (n) of a classifier. */
  readonly labels?: Int32Array;
  /** (n, d); of a regression its targets are among them. */
  readonly covariates: NdArray<Float64Array>;
  /** (n) 1 = a non-member set aside. */
  readonly calibration: Uint8Array;
}

export type QuantileHead = 'gaussian' | 'pinball';

/** Rows set aside that support a quantile: twenty of them above it. */
export function rowsForQuantile(q: number): number {
  return Math.round(20 / (1 - q));
}

const quantiles = [0.5, 0.9, 0.99, 0.999] as const;

const folds = 5;

/**
 * Quantile regression attack: what confidence a non-member like this would have is learned from non-members set aside,
 * from what the samples themselves and their labels show; the score is how far the target's confidence s lies above it.
 * Gaussian head: (s - mu(x)) / sd(x). Pinball head: s - q(x), for the highest quantile the rows set aside support; where
 * predicted quantiles cross, they are sorted.
 *
 * Cross-fitted: every sample, set aside or not, is scored by a model that learned from the other folds of the rows set
 * aside. So scores of non-members and of the rows set aside have one distribution, thresholds and p-values taken from
 * the latter hold for the former, and a copy of a row set aside is not judged by a model that has seen it.
 *
 * @returns (n) standard deviations, or nats; higher = more member-like.
 * @throws ENG_SATURATED_OUTPUTS the target is equally confident in all samples set aside. ENG_INSUFFICIENT_SAMPLES fewer
 *   than five of them differ.
 * @see Bertran et al. 2023, section 3. Departures: boosted trees in place of a neural network, their depth and number of
 *   rounds chosen on the folds; cross-fitting in place of a split.
 */
export function quantileScores(signals: QuantileSignals, head: QuantileHead, seed: number): Float64Array {
  const { confidence, covariates, calibration } = signals;
  const { labels = new Int32Array(confidence.length) } = signals;
  const setAside = Int32Array.from(calibration.keys()).filter((i) => calibration[i] === 1);
  const unit = spreadOf(setAside, confidence);
  // Losses and penalties are made for targets of unit spread.
  const targets = confidence.map((value) => value / unit);
  const hashes = contentHashes(covariates, deriveSeed(seed, 'folds'));
  const foldOf = contentFolds(
    hashes,
    folds,
    Float64Array.from(setAside, (i) => hashes[i]),
  );
  // Sums run in the order of contents, so that the order of samples leaves no trace.
  setAside.sort((a, b) => hashes[a] - hashes[b] || labels[a] - labels[b] || targets[a] - targets[b]);

  const supported = quantiles.filter((q) => setAside.length >= rowsForQuantile(q));
  const loss = head === 'gaussian' ? gaussianLoss : pinballLoss(supported);
  const rows = sampleRows(covariates, labels, signals.labels === undefined ? 0 : countClasses(labels));
  const { models, rounds } = crossFit({ rows, targets, setAside, foldOf, folds, loss, seed });

  const scores = new Float64Array(labels.length);
  models.forEach((model, fold) => {
    for (const chunk of chunksOf(Int32Array.from(foldOf.keys()).filter((i) => foldOf[i] === fold))) {
      const predicted = boostedPredictions(model, rows(chunk), rounds);
      chunk.forEach((i, k) => {
        const ofRow = Array.from({ length: loss.outputs }, (_, output) => predicted[output * chunk.length + k]);
        scores[i] =
          head === 'gaussian'
            ? (targets[i] - ofRow[0]) * Math.exp(-ofRow[1])
            : (targets[i] - Math.max(...ofRow)) * unit;
      });
    }
  });
  return scores;
}

/** Classes up to the last that some sample has: of those after it there is nothing to learn. */
function countClasses(labels: Int32Array): number {
  return labels.reduce((most, label) => Math.max(most, label + 1), 0);
}

function spreadOf(setAside: Int32Array, confidence: Float64Array): number {
  const spread = standardDeviation(Float64Array.from(setAside, (i) => confidence[i]).sort());
  // Equal values leave the rounding of their mean.
  if (spread > 1e-12 * Math.max(1, Math.abs(confidence[setAside[0]]))) return spread;
  throw new EngramError(
    'ENG_SATURATED_OUTPUTS',
    `expected the target's confidence to differ between samples set aside, got a standard deviation of ${spread}`,
    { remedy: 'Give logits rather than rounded probabilities, or predictions that are not all exact.' },
  );
}

/** Rows are laid out a few thousand at a time: all of them, with their labels, would double the data in memory. */
function chunksOf(rows: Int32Array): Int32Array[] {
  const size = 4096;
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, k) => rows.subarray(k * size, (k + 1) * size));
}
