import { EngramError } from '@engram/domain';
import { quantile } from '@engram/numeric';
import { momentWeights } from '../moments.js';
import { mostCopies, renyiDivergence, type SampledGaussian, sampledGaussian } from '../sampled-gaussian.js';
import type { TrainingTrajectory } from '../signals.js';

/** The noise that hides a sample's gradient. */
export type TrainingNoise =
  /** None was added: set so that the 99th percentile of sensitivities is 1. Ranks barely depend on it. */
  | { readonly kind: 'nominal' }
  /** Noisy SGD on clipped gradients: standard deviation on the gradient sum over the clip. */
  | { readonly kind: 'multiplier'; readonly value: number }
  /** Noise added to the weights each step: its standard deviation per coordinate. */
  | { readonly kind: 'weights'; readonly std: number };

export interface PrivacyLossSettings {
  /** alpha, at least 2. */
  readonly order: number;
  /** C; absent: the 90th percentile of gradient norms in the first epoch. */
  readonly clip?: number;
  readonly noise: TrainingNoise;
  /** (n) identical copies of each sample in the training set; absent: 1. */
  readonly copies?: ArrayLike<number>;
}

export interface PrivacyLoss {
  /** (n) nats: estimated P(z, alpha); larger = expected harder to unlearn. Meaningless without its noise. */
  readonly privacyLoss: Float64Array;
  /** (n) the same to first order and without any noise: sum of steps q^2 eta^2 min(|g|, C)^2 / B^2. */
  readonly noiseFree: Float64Array;
  /** (moments) share of the sum over all samples that each moment carries. */
  readonly stepShares: Float64Array;
  /** (n) largest share of a sample's own sum that one moment carries. */
  readonly largestShare: Float64Array;
  readonly clip: number;
  /** Standard deviation of the noise on the mean gradient of a batch; null when it differs from moment to moment. */
  readonly gradientNoise: number | null;
}

/**
 * Per-instance privacy loss of every sample along one recorded run: sum over moments of steps represented times the
 * sampled Gaussian's divergence at the sample's clipped gradient. One trajectory and no exponential moment: an estimate,
 * never a certificate.
 *
 * Sensitivities are taken in gradient space, where step sizes cancel and momentum, Adam and weight decay are
 * post-processing; only noise on the weights brings the step size in.
 *
 * @param trajectory with `gradientNorm`, finite; `learningRates` needed for noise on the weights.
 * @throws ENG_SATURATED_OUTPUTS all gradients are 0. ENG_REQUEST_INVALID order, noise or clip out of range.
 * @see Thudi et al. 2024, "Gradients Look Alike"; Sepahvand et al. 2025, "Leveraging Per-Instance Privacy for Machine
 *   Unlearning".
 */
export function privacyLoss(trajectory: TrainingTrajectory, settings: PrivacyLossSettings): PrivacyLoss {
  const { steps, totalSteps, batchSize, trainingSize, learningRates } = trajectory;
  const norms = trajectory.gradientNorm!;
  const moments = steps.length;
  const n = norms.length / moments;
  const weights = trajectory.represents ?? momentWeights(steps, totalSteps);
  const q = Math.min(1, batchSize / trainingSize);
  const clip = settings.clip ?? firstEpochClip(trajectory, n);
  if (!(clip > 0))
    throw new EngramError('ENG_SATURATED_OUTPUTS', `expected gradients above 0 to clip by, got ${clip}`, {
      remedy: 'Record moments at which the model still learns.',
    });
  const clipped = norms.map((norm) => Math.min(norm, clip));
  const scale = sensitivityScale(settings.noise, clipped, clip, trajectory);
  const mechanismOf = mechanisms(settings, q);
  const total = new Float64Array(n);
  const noiseFree = new Float64Array(n);
  const largest = new Float64Array(n);
  const stepShares = new Float64Array(moments);
  for (let t = 0; t < moments; t += 1) {
    const rate = learningRates?.[t] ?? 1;
    for (let i = 0; i < n; i += 1) {
      const norm = clipped[t * n + i];
      const loss = weights[t] * renyiDivergence(mechanismOf(i), norm * scale(t));
      total[i] += loss;
      largest[i] = Math.max(largest[i], loss);
      stepShares[t] += loss;
      noiseFree[i] += weights[t] * ((q * rate * norm) / batchSize) ** 2;
    }
  }
  const sum = stepShares.reduce((all, share) => all + share, 0);
  return {
    privacyLoss: total,
    noiseFree,
    stepShares: stepShares.map((share) => share / sum),
    largestShare: largest.map((share, i) => (total[i] === 0 ? 0 : share / total[i])),
    clip,
    gradientNoise: settings.noise.kind === 'weights' ? null : 1 / (scale(0) * batchSize),
  };
}

/** 90th percentile of the norms recorded in the first epoch, or at the first moment if that came later. */
function firstEpochClip({ steps, batchSize, trainingSize, gradientNorm }: TrainingTrajectory, n: number): number {
  const perEpoch = trainingSize / batchSize;
  let rows = 1;
  while (rows < steps.length && steps[rows] <= perEpoch) rows += 1;
  return quantile(gradientNorm!.subarray(0, rows * n), 0.9);
}

/** What a clipped norm is multiplied with to be in units of the noise, at each moment. */
function sensitivityScale(
  noise: TrainingNoise,
  clipped: Float64Array,
  clip: number,
  { batchSize, learningRates }: TrainingTrajectory,
): (moment: number) => number {
  const size =
    noise.kind === 'nominal' ? quantile(clipped, 0.99) : noise.kind === 'multiplier' ? noise.value : noise.std;
  if (!(size > 0))
    throw noise.kind === 'nominal'
      ? new EngramError('ENG_SATURATED_OUTPUTS', 'expected gradients above 0, got none in 99 percent of places', {
          remedy: 'Record moments at which the model still learns.',
        })
      : new EngramError('ENG_REQUEST_INVALID', `expected noise above 0, got ${size}`, {
          remedy: 'Leave the noise out where training added none.',
        });
  if (noise.kind === 'nominal') return () => 1 / size;
  if (noise.kind === 'multiplier') return () => 1 / (size * clip);
  if (learningRates === undefined)
    throw new EngramError('ENG_REQUEST_INVALID', 'expected learning rates along with noise on the weights, got none');
  return (t) => learningRates[t] / (batchSize * size);
}

function mechanisms({ order, copies }: PrivacyLossSettings, q: number): (sample: number) => SampledGaussian {
  const single = sampledGaussian(order, q);
  if (copies === undefined) return () => single;
  const known = new Map<number, SampledGaussian>([[1, single]]);
  return (i) => {
    const count = Math.min(mostCopies, Math.max(1, Math.round(copies[i])));
    const found = known.get(count) ?? sampledGaussian(order, q, count);
    known.set(count, found);
    return found;
  };
}

/**
 * One step's divergence at the final weights: a rank when nothing of training is left, and not a privacy loss. A sample
 * that was fitted completely has a small final gradient however much it shaped the model.
 *
 * @param gradientNorm (n) at the final weights.
 * @param options.order alpha. options.samplingRate of a batch; the rank does not depend on it.
 * @returns (n) nats under nominal noise; larger = expected harder, with weak predictive power.
 * @throws ENG_SATURATED_OUTPUTS all gradients are 0.
 */
export function finalModelPrivacyLoss(
  gradientNorm: Float64Array,
  { order, samplingRate = 1 }: { readonly order: number; readonly samplingRate?: number },
): Float64Array {
  const moment = { steps: [1], totalSteps: 1, batchSize: samplingRate, trainingSize: 1, gradientNorm };
  return privacyLoss(moment, { order, clip: quantile(gradientNorm, 1), noise: { kind: 'nominal' } }).privacyLoss;
}
