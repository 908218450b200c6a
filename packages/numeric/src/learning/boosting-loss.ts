import { EngramError } from '@engram/domain';
import { standardDeviation } from '../order/moments.js';
import { quantile } from '../order/quantile.js';
import { log1pexp, sigmoid } from '../special/log-arithmetic.js';

/**
 * What boosted trees minimise. A row has one target and one prediction per output; each output has trees of its own.
 * Predictions are (outputs, n), targets (n).
 */
export interface BoostingLoss {
  readonly outputs: number;
  /** (outputs) the best constants, where boosting starts. */
  start(targets: Float64Array): Float64Array;
  /** Writes first and second derivatives with respect to one output, (n) each. */
  derivatives(
    targets: Float64Array,
    predictions: Float64Array,
    output: number,
    gradient: Float64Array,
    curvature: Float64Array,
  ): void;
  /** Mean over rows. */
  mean(targets: Float64Array, predictions: Float64Array): number;
  /** What to add to an output on these rows; absent: minus the gradients over the curvatures and the penalty. */
  leafStep?(
    rows: Int32Array,
    targets: Float64Array,
    predictions: Float64Array,
    output: number,
    penalty: number,
  ): number;
}

/** Cross-entropy of 0 and 1; predictions are log-odds of 1 in nats. */
export const logisticLoss: BoostingLoss = {
  outputs: 1,
  start(targets) {
    const share = meanOf(targets, (y) => y);
    // One class only has infinite log-odds; rows are finite, so half a row of the other class stands in.
    const half = 0.5 / targets.length;
    const inner = Math.min(1 - half, Math.max(half, share));
    return Float64Array.of(Math.log(inner / (1 - inner)));
  },
  derivatives(targets, predictions, _output, gradient, curvature) {
    for (let i = 0; i < targets.length; i += 1) {
      const p = sigmoid(predictions[i]);
      gradient[i] = p - targets[i];
      curvature[i] = p * (1 - p);
    }
  },
  mean: (targets, predictions) => meanOf(targets, (y, i) => log1pexp(y === 1 ? -predictions[i] : predictions[i])),
};

/** Half the squared error. */
export const squaredLoss: BoostingLoss = {
  outputs: 1,
  start: (targets) => Float64Array.of(meanOf(targets, (y) => y)),
  derivatives(targets, predictions, _output, gradient, curvature) {
    for (let i = 0; i < targets.length; i += 1) gradient[i] = predictions[i] - targets[i];
    curvature.fill(1);
  },
  mean: (targets, predictions) => meanOf(targets, (y, i) => 0.5 * (y - predictions[i]) ** 2),
};

/**
 * Pinball losses, one output per quantile: q (y - f)_+ + (1 - q) (f - y)_+, least where f is the q quantile of y. They
 * bend nowhere, so a leaf moves to the quantile of its residuals rather than by a Newton step.
 *
 * @param quantiles fractions in (0, 1).
 * @throws ENG_REQUEST_INVALID a quantile outside.
 * @see Koenker and Bassett 1978, "Regression Quantiles"; Friedman 2001, "Greedy Function Approximation", section 4.3, on
 *   leaves.
 */
export function pinballLoss(quantiles: readonly number[]): BoostingLoss {
  const outside = quantiles.find((q) => !(q > 0 && q < 1));
  if (outside !== undefined)
    throw new EngramError('ENG_REQUEST_INVALID', `expected quantiles between 0 and 1, got ${outside}`);
  return {
    outputs: quantiles.length,
    start: (targets) => Float64Array.from(quantiles, (q) => quantile(targets, q)),
    derivatives(targets, predictions, output, gradient, curvature) {
      const n = targets.length;
      const q = quantiles[output];
      for (let i = 0; i < n; i += 1) gradient[i] = targets[i] >= predictions[output * n + i] ? -q : 1 - q;
      curvature.fill(1);
    },
    mean(targets, predictions) {
      const n = targets.length;
      return quantiles.reduce(
        (sum, q, output) =>
          sum +
          meanOf(targets, (y, i) => {
            const residual = y - predictions[output * n + i];
            return residual >= 0 ? q * residual : (q - 1) * residual;
          }),
        0,
      );
    },
    leafStep(rows, targets, predictions, output) {
      const offset = output * targets.length;
      return quantile(
        Float64Array.from(rows, (i) => targets[i] - predictions[offset + i]),
        quantiles[output],
      );
    },
  };
}

/**
 * Minus the log density of a Gaussian whose mean (output 0) and log standard deviation (output 1) both depend on the
 * row, less its constant: eta + (y - mu)^2 / (2 e^(2 eta)). Give targets of about unit spread: penalties are absolute.
 *
 * The trees of eta split by its expected curvature, 2, and their leaves move to the exact minimum, eta up by half the log
 * of the mean squared standardised residual: a Newton step from afar would overshoot.
 *
 * @see Bertran et al. 2023, "Scalable Membership Inference Attacks via Quantile Regression", on the Gaussian head.
 */
export const gaussianLoss: BoostingLoss = {
  outputs: 2,
  start(targets) {
    const spread = targets.length > 1 ? standardDeviation(targets, 0) : 0;
    return Float64Array.of(
      meanOf(targets, (y) => y),
      Math.log(spread > 0 ? spread : leastSpread),
    );
  },
  derivatives(targets, predictions, output, gradient, curvature) {
    const n = targets.length;
    for (let i = 0; i < n; i += 1) {
      const precision = Math.exp(-2 * predictions[n + i]);
      const residual = targets[i] - predictions[i];
      gradient[i] = output === 0 ? -residual * precision : 1 - residual * residual * precision;
      curvature[i] = output === 0 ? precision : 2;
    }
  },
  mean(targets, predictions) {
    const n = targets.length;
    return meanOf(targets, (y, i) => {
      const eta = predictions[n + i];
      return eta + 0.5 * ((y - predictions[i]) * Math.exp(-eta)) ** 2;
    });
  },
  leafStep(rows, targets, predictions, output, penalty) {
    const n = targets.length;
    let weights = penalty;
    let sum = output === 0 ? 0 : penalty;
    for (const i of rows) {
      const precision = Math.exp(-2 * predictions[n + i]);
      const residual = targets[i] - predictions[i];
      weights += output === 0 ? precision : 1;
      sum += output === 0 ? residual * precision : residual * residual * precision;
    }
    return output === 0 ? sum / weights : 0.5 * Math.log(Math.max(sum / weights, leastSpread ** 2));
  },
};

// A leaf of equal targets would drive the standard deviation to 0 and the density to infinity.
const leastSpread = 1e-6;

function meanOf(targets: Float64Array, term: (y: number, i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < targets.length; i += 1) sum += term(targets[i], i);
  return sum / targets.length;
}
