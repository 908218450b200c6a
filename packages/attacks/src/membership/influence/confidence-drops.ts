import { EngramError } from '@engram/domain';
import { denseDrops } from './dense-drops.js';
import { iterativeDrops } from './iterative-drops.js';
import { errorOf, inputOf, type LastLayer, layerSize } from './last-layer.js';

/** Of the mean eigenvalue of the curvature: damps directions the samples say nothing about. */
const defaultDamping = 1e-3;
/** Weights of the last layer up to which the curvature is inverted as a whole. */
const largestDense = 4096;
/** Of weights times samples squared, what linear systems sample by sample take is hours beyond this. */
const mostIterativeWork = 1e10;

export interface DropOptions {
  /** Samples the layer was trained on. */
  readonly trainedOn: number;
  /** Multiple of the identity added to the curvature; 1e-3 of its mean eigenvalue when absent. */
  readonly penalty?: number;
  /** Weights up to which the curvature is inverted as a whole; above, one system is solved for each sample. */
  readonly largestDense?: number;
}

/** How far taking a sample out of training would lower the confidence in its label. */
export interface ConfidenceDrops {
  /** Weights of the last layer. */
  readonly dimension: number;
  readonly penalty: number;
  readonly method: 'cholesky' | 'conjugateGradients';
  /** Nats of log p_y - log(1 - p_y), at least 0; higher = the sample's own share in its confidence is larger. */
  of(i: number): number;
}

/** Whether drops of so many samples can be had in well under a day from a last layer of so many weights. */
export function dropsAreAffordable(dimension: number, samples: number): boolean {
  return dimension <= largestDense || dimension * samples ** 2 <= mostIterativeWork;
}

/**
 * One Newton step towards the last layer trained without a sample, and what it does to that sample's scaled confidence
 * phi = log p_y - log(1 - p_y). With J_i the derivatives of the units by the layer's weights, C_i the second derivatives of
 * the loss by the units, r_i = p - e_y, and H_-i the Gauss-Newton curvature of the others with the penalty:
 *
 *     weights without i - weights = H_-i^-1 J_i' r_i,    d phi / d units = -r_i / (1 - p_y),
 *     drop_i = (1 - p_y) g' J_i H_-i^-1 J_i' g,           g = r_i / (1 - p_y).
 *
 * For two classes on one unit this is q (1 - p_y) / (1 - h), q = x' H^-1 x, h = p (1 - p) q, H of all samples.
 *
 * **Every sample is treated alike.** The curvature is the mean over all given samples, members or not, times the number
 * of training samples, and a sample's own term is always left out: H_-i = (m - 1) / (n - 1) * sum_{j != i} J_j' C_j J_j
 * + penalty I. Curvature of the members alone would hold a member's own term and not a non-member's, so that the formula
 * itself would tell them apart, even for weights that know no sample. When all n samples are training samples, H_-i is
 * exactly that of the training set without i.
 *
 * @param layer n samples.
 * @throws ENG_SHAPE_MISMATCH as `layerSize`. ENG_INSUFFICIENT_SAMPLES no samples, or trained on none. ENG_SATURATED_OUTPUTS every
 *   probability is 0 or 1 to its precision, so that there is no curvature and no penalty to go by.
 * @see Koh and Liang 2017, "Understanding Black-box Predictions via Influence Functions", with the leverage correction of
 *   leave-one-out (Pregibon 1981); Dorseuil, Atif and Cappé 2026, "Generalized Leverage Score", on the last layer.
 */
export function confidenceDrops(layer: LastLayer, options: DropOptions): ConfidenceDrops {
  const { samples, width, units } = layerSize(layer);
  const { trainedOn } = options;
  if (samples < 1 || trainedOn < 1)
    throw new EngramError(
      'ENG_INSUFFICIENT_SAMPLES',
      `expected at least one sample and one the layer was trained on, got ${samples} and ${trainedOn}`,
    );
  const dimension = width * units;
  const penalty = options.penalty ?? (defaultDamping * (trainedOn / samples) * trace(layer)) / dimension;
  if (!(penalty > 0))
    throw new EngramError('ENG_SATURATED_OUTPUTS', 'the probabilities of every sample are 0 or 1 to their precision', {
      remedy: 'Give logits instead of probabilities.',
    });
  const settings = { weight: samples === 1 ? 0 : (trainedOn - 1) / (samples - 1), penalty };
  const dense = dimension <= (options.largestDense ?? largestDense);
  return {
    dimension,
    penalty,
    method: dense ? 'cholesky' : 'conjugateGradients',
    of: dense ? denseDrops(layer, settings) : iterativeDrops(layer, settings),
  };
}

/** Of the sum of J' C J over all samples: tr C times |x|^2. */
function trace(layer: LastLayer): number {
  let sum = 0;
  for (let i = 0; i < layerSize(layer).samples; i += 1) {
    const { probabilities, complements } = errorOf(layer, i);
    const curvature = probabilities.reduce((total, p, a) => total + p * complements[a]!, 0);
    sum += curvature * inputOf(layer, i).reduce((total, x) => total + x * x, 0);
  }
  return sum;
}
