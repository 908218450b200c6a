import type { NdArray } from '@engram/domain';
import {
  boostedPredictions,
  boostTrees,
  deriveSeed,
  logisticLoss,
  logisticRegressionL2,
  logisticScores,
} from '@engram/numeric';
import type { ReferenceSignals, TargetSignals } from '../signals.js';
import { columnScales, standardize } from '../standardize.js';
import { targetFeatures } from './output-features.js';
import { drawTrainingRows, type TrainingRows } from './training-rows.js';

export interface ShadowClassifierParameters {
  readonly model: 'boostedTrees' | 'logistic';
  readonly rows: number;
}

/**
 * Shadow-model attack: a classifier learns from the outputs of reference models, some on samples they trained on and some
 * on others, to tell the one from the other, and is then shown the target's outputs.
 *
 * @param labels (n).
 * @param target loss, scaled confidence and probabilities.
 * @param reference the shadow models: the same, their largest probabilities, entropies and correctness.
 * @param seed decides which outputs are learned from.
 * @returns (n) log-odds of membership by the attack classifier; higher = more member-like.
 * @see Shokri et al. 2017, sections V.C and V.D. Departures: one classifier for all classes, which has the class among its
 *   features, in place of one per class; loss, confidence and entropy beside the sorted probabilities.
 */
export function shadowClassifierScores(
  labels: Int32Array,
  target: TargetSignals,
  reference: ReferenceSignals,
  { model, rows }: ShadowClassifierParameters,
  seed: number,
): Float64Array {
  const training = drawTrainingRows(labels, reference, rows, deriveSeed(seed, 'shadow rows'));
  const shown = targetFeatures(labels, target, reference.topProbabilities!.shape[2]);
  return model === 'logistic' ? byLogisticRegression(training, shown) : byBoostedTrees(training, shown);
}

function byBoostedTrees({ features, inside }: TrainingRows, shown: NdArray<Float64Array>): Float64Array {
  return boostedPredictions(boostTrees(features, inside, logisticLoss, { rounds: 100 }), shown);
}

/** Without the class: half of every class is in, so a term of its own could only add noise. */
function byLogisticRegression({ features, inside }: TrainingRows, shown: NdArray<Float64Array>): Float64Array {
  const learned = withoutLastColumn(features);
  const scales = columnScales(learned);
  const fit = logisticRegressionL2(standardize(learned, scales), inside, { penalty: 1 });
  return logisticScores(fit, standardize(withoutLastColumn(shown), scales));
}

function withoutLastColumn({ data, shape }: NdArray<Float64Array>): NdArray<Float64Array> {
  const [n, width] = shape;
  const kept = new Float64Array(n * (width - 1));
  for (let i = 0; i < n; i += 1) kept.set(data.subarray(i * width, (i + 1) * width - 1), i * (width - 1));
  return { data: kept, shape: [n, width - 1] };
}
