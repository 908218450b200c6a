import { EngramError, type MatrixKernels } from '@engram/domain';
import { plainKernels } from '@engram/numeric';
import { denseDrops } from './dense-drops.js';
import { iterativeDrops } from './iterative-drops.js';
import { errorOf, inputOf, type LastLayer, layerSize } from './last-layer.js';

/** Of the mean eigenvalue of the curvature: damps directions the samples say nothing about. */
const defaultDamping = 1e-3;
/** Weights of the last layer up to which the curvature is inverted as a whole: half a gigabyte, and a minute of two cores. */
const largestDense = 8192;
/** Of weights times samples squared: what linear systems sample by sample take is hours of two cores beyond this. */
const mostIterativeWork = 2e11;

export interface DropOptions {
  /** Samples the layer was trained on. */
  readonly trainedOn: number;
  /** Multiple of the identity added to the curvature; 1e-3 of its mean eigenvalue when absent. */
  readonly penalty?: number;
  /** Weights up to which the curvature is inverted as a whole; above, one system is solved for each sample. */
  readonly largestDense?: number;
  /** What multiplies and inverts matrices; plain loops when absent. */
  readonly kernels?: MatrixKernels;
  /** Awaited every second or so, with the share of the work done: may throw to stop. */
  readonly pause?: (share: number) => Promise<void>;
}

/** How far taking a sample out of training would lower the confidence in its label, or move its prediction. */
export interface ConfidenceDrops {
  /** (n) nats of log p_y - log(1 - p_y), or units of a regression's target; at least 0, higher = the sample's own share in
   * what is said of it is larger. */
  readonly values: Float64Array;
  /** Weights of the last layer. */
  readonly dimension: number;
  readonly penalty: number;
  readonly method: 'inverse' | 'conjugateGradients';
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
 * For two classes on one unit this is q (1 - p_y) / (1 - h), q = x' H^-1 x, h = p (1 - p) q, H of all samples. For a
 * regression by squared error, whose unit is the prediction f, the same step moves f away from its target by
 * |y - f(x)| h / (1 - h), h = 2 x' H^-1 x: exact where the layer minimises that error with that penalty.
 *
 * **Every sample is treated alike.** The curvature is the mean over all given samples, members or not, times the number
 * of training samples, and a sample's own term is always left out: H_-i = (m - 1) / (n - 1) * sum_{j != i} J_j' C_j J_j
 * + penalty I. Curvature of the members alone would hold a member's own term and not a non-member's, so that the formula
 * itself would tell them apart, even for weights that know no sample. When all n samples are training samples, H_-i is
 * exactly that of the training set without i.
 *
 * **Members need not rank above non-members.** r_i is what training left of a member's error and all of a non-member's:
 * in a regression a factor 1 - h between the two. So a member's drop is what taking it out would do, and a non-member's is
 * more than it would have come to as a member.
 *
 * @param layer n samples.
 * @throws ENG_SHAPE_MISMATCH as `layerSize`. ENG_INSUFFICIENT_SAMPLES no samples, or trained on none. ENG_SATURATED_OUTPUTS there
 *   is no curvature and no penalty to go by: every probability is 0 or 1 to its precision, or every input is 0.
 * @see Koh and Liang 2017, "Understanding Black-box Predictions via Influence Functions", with the leverage correction of
 *   leave-one-out (Pregibon 1981); Dorseuil, Atif and Cappé 2026, "Generalized Leverage Score", on the last layer.
 */
export async function confidenceDrops(layer: LastLayer, options: DropOptions): Promise<ConfidenceDrops> {
  const { samples, width, units } = layerSize(layer);
  const { trainedOn, kernels = plainKernels, pause = async () => {} } = options;
  if (samples < 1 || trainedOn < 1)
    throw new EngramError(
      'ENG_INSUFFICIENT_SAMPLES',
      `expected at least one sample and one the layer was trained on, got ${samples} and ${trainedOn}`,
    );
  const dimension = width * units;
  const penalty = options.penalty ?? (defaultDamping * (trainedOn / samples) * trace(layer)) / dimension;
  if (!(penalty > 0)) throw noCurvature(layer);
  const weight = samples === 1 ? 0 : (trainedOn - 1) / (samples - 1);
  const settings = { weight, penalty, kernels, pause };
  const dense = dimension <= (options.largestDense ?? largestDense);
  return {
    values: await (dense ? denseDrops(layer, settings) : iterativeDrops(layer, settings)),
    dimension,
    penalty,
    method: dense ? 'inverse' : 'conjugateGradients',
  };
}

function noCurvature({ head }: LastLayer): EngramError {
  return head === 'linear'
    ? new EngramError('ENG_SATURATED_OUTPUTS', 'the last layer reads zeros alone', {
        remedy: 'Check that the samples are those the model takes.',
      })
    : new EngramError('ENG_SATURATED_OUTPUTS', 'the probabilities of every sample are 0 or 1 to their precision', {
        remedy: 'Give logits instead of probabilities.',
      });
}

/** Of the sum of J' C J over all samples: tr C times |x|^2. */
function trace(layer: LastLayer): number {
  let sum = 0;
  for (let i = 0; i < layerSize(layer).samples; i += 1) {
    const curvature = errorOf(layer, i).curvature.reduce((total, each) => total + each, 0);
    sum += curvature * inputOf(layer, i).reduce((total, x) => total + x * x, 0);
  }
  return sum;
}
