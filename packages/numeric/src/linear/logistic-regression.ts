import { EngramError, type NdArray } from '@engram/domain';
import { log1pexp, sigmoid } from '../special/log-arithmetic.js';
import { choleskyFactor, choleskySolve } from './cholesky.js';
import { lbfgs, type Objective } from './lbfgs.js';

export interface LogisticRegressionOptions {
  /** lambda in the objective; scikit-learn's C is 1 / lambda. Positive. */
  readonly penalty: number;
  /** Whether to fit an intercept, which is not penalised. */
  readonly intercept?: boolean;
  /** Stop when no component of the gradient is larger than this. */
  readonly tolerance?: number;
  readonly maxIterations?: number;
}

export interface LogisticRegression {
  /** (p). */
  readonly weights: Float64Array;
  /** 0 when no intercept was asked for. */
  readonly intercept: number;
  readonly largestGradient: number;
  readonly iterations: number;
}

// Newton costs n p^2 per step, L-BFGS n p: beyond this width the Hessian is not worth forming.
const widestNewton = 128;

/**
 * L2-penalised logistic regression: minimises sum_i log(1 + exp(-t_i (x_i.w + b))) + lambda/2 |w|^2, t = ±1. Strictly
 * convex in w, so the result does not depend on the method: Newton's for up to 128 columns, L-BFGS beyond.
 *
 * @param features (n, p) finite. Standardise them first if their scales differ: the penalty is one for all.
 * @param labels (n) 0 or 1.
 * @param options `intercept` true, `tolerance` 1e-8, `maxIterations` 100 (Newton) or 500.
 * @returns weights of class 1 against class 0; check `largestGradient` to learn whether it converged.
 * @throws ENG_SHAPE_MISMATCH shapes disagree. ENG_VALUES_NOT_FINITE. ENG_REQUEST_INVALID the penalty is not positive.
 */
export function logisticRegressionL2(
  features: NdArray,
  labels: ArrayLike<number>,
  options: LogisticRegressionOptions,
): LogisticRegression {
  const [n = 0, p = 0] = features.shape;
  if (features.shape.length !== 2 || features.data.length !== n * p || labels.length !== n) {
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected features (n, p) and n labels, got (${features.shape.join(', ')}) and ${labels.length}`,
    );
  }
  if (!(options.penalty > 0)) {
    throw new EngramError('ENG_REQUEST_INVALID', `expected a positive penalty, got ${options.penalty}`);
  }
  const intercept = options.intercept ?? true;
  const problem: Problem = { x: features.data, labels, n, p, penalty: options.penalty, intercept };
  const tolerance = options.tolerance ?? 1e-8;
  const width = intercept ? p + 1 : p;
  const found =
    width <= widestNewton
      ? newton(problem, tolerance, options.maxIterations ?? 100)
      : lbfgs(objective(problem), new Float64Array(width), {
          tolerance,
          maxIterations: options.maxIterations ?? 500,
        });
  if (!Number.isFinite(found.largestGradient)) {
    throw new EngramError('ENG_VALUES_NOT_FINITE', 'expected finite features, got NaN or infinite values');
  }
  return {
    weights: found.x.slice(0, p),
    intercept: intercept ? found.x[p]! : 0,
    largestGradient: found.largestGradient,
    iterations: found.iterations,
  };
}

/**
 * Log-odds of class 1 for each row: x.w + b.
 *
 * @param model from `logisticRegressionL2`.
 * @param features (n, p).
 * @returns (n) nats; higher = more surely class 1.
 * @throws ENG_SHAPE_MISMATCH another number of columns than the model was fitted on.
 */
export function logisticScores(model: LogisticRegression, features: NdArray): Float64Array {
  const [n = 0, p = 0] = features.shape;
  if (p !== model.weights.length) {
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected ${model.weights.length} columns, got ${p}`);
  }
  const scores = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    let sum = model.intercept;
    for (let j = 0; j < p; j += 1) sum += features.data[i * p + j]! * model.weights[j]!;
    scores[i] = sum;
  }
  return scores;
}

interface Problem {
  readonly x: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly n: number;
  readonly p: number;
  readonly penalty: number;
  readonly intercept: boolean;
}

/** Value and gradient; the Hessian's lower triangle is added when a matrix for it is given. */
function evaluate(problem: Problem, w: Float64Array, gradient: Float64Array, hessian?: Float64Array): number {
  const { x, labels, n, p, penalty, intercept } = problem;
  const width = w.length;
  gradient.fill(0);
  hessian?.fill(0);
  let value = 0;
  for (let i = 0; i < n; i += 1) {
    const row = i * p;
    let logOdds = intercept ? w[p]! : 0;
    for (let j = 0; j < p; j += 1) logOdds += x[row + j]! * w[j]!;
    value += log1pexp(labels[i] === 1 ? -logOdds : logOdds);
    const probability = sigmoid(logOdds);
    const residual = probability - (labels[i] === 1 ? 1 : 0);
    for (let j = 0; j < p; j += 1) gradient[j]! += residual * x[row + j]!;
    if (intercept) gradient[p]! += residual;
    if (hessian === undefined) continue;
    const curvature = probability * (1 - probability);
    for (let a = 0; a < p; a += 1) {
      const scaled = curvature * x[row + a]!;
      for (let b = 0; b <= a; b += 1) hessian[a * width + b]! += scaled * x[row + b]!;
      if (intercept) hessian[p * width + a]! += scaled;
    }
    if (intercept) hessian[p * width + p]! += curvature;
  }
  for (let j = 0; j < p; j += 1) {
    value += 0.5 * penalty * w[j]! * w[j]!;
    gradient[j]! += penalty * w[j]!;
    if (hessian !== undefined) hessian[j * width + j]! += penalty;
  }
  return value;
}

function objective(problem: Problem): Objective {
  return (w, gradient) => evaluate(problem, w, gradient);
}

function newton(problem: Problem, tolerance: number, maxIterations: number) {
  const width = problem.intercept ? problem.p + 1 : problem.p;
  let x = new Float64Array(width);
  let gradient = new Float64Array(width);
  const hessian = new Float64Array(width * width);
  let value = evaluate(problem, x, gradient, hessian);
  let iterations = 0;
  while (iterations < maxIterations && largest(gradient) > tolerance) {
    iterations += 1;
    // A vanishing curvature of the unpenalised intercept (all of one label) would leave no positive pivot.
    if (problem.intercept) hessian[width * width - 1]! += 1e-12;
    const step = choleskySolve(choleskyFactor(hessian, width), gradient);
    let size = 1;
    let next = x;
    let nextGradient = gradient;
    let nextValue = value;
    for (let halving = 0; halving < 30; halving += 1) {
      next = x.map((current, j) => current - size * step[j]!);
      nextGradient = new Float64Array(width);
      nextValue = evaluate(problem, next, nextGradient, hessian);
      if (nextValue <= value || largest(nextGradient) < largest(gradient)) break;
      size /= 2;
    }
    // Rounding has eaten the last decrease.
    if (!(nextValue < value) && !(largest(nextGradient) < largest(gradient))) break;
    x = next;
    gradient = nextGradient;
    value = nextValue;
  }
  return { x, largestGradient: largest(gradient), iterations };
}

function largest(values: Float64Array): number {
  let size = 0;
  for (const value of values) {
    if (Number.isNaN(value)) return Number.NaN;
    size = Math.max(size, Math.abs(value));
  }
  return size;
}
