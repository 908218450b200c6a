/** A smooth function to minimise: returns its value at `x` and writes its gradient into `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  /** Stop when no component of the gradient is larger than this. */
  readonly tolerance?: number;
  readonly maxIterations?: number;
  /** How many past steps shape the next one. */
  readonly memory?: number;
}

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly largestGradient: number;
  readonly iterations: number;
}

/**
 * Minimises a smooth function by L-BFGS with a backtracking line search. Deterministic.
 *
 * @param objective smooth; convex if the global minimum is wanted.
 * @param start (p) not changed.
 * @param options `tolerance` 1e-8, `maxIterations` 500, `memory` 10.
 * @returns the last point; check `largestGradient` to learn whether it converged.
 * @see Nocedal and Wright 2006, "Numerical Optimization", algorithm 7.4 and the Armijo condition 3.4; Hager and Zhang 2005 on
 *   accepting a step by its slope where values no longer differ.
 */
export function lbfgs(objective: Objective, start: ArrayLike<number>, options: LbfgsOptions = {}): Minimum {
  const { tolerance = 1e-8, maxIterations = 500, memory = 10 } = options;
  const p = start.length;
  let x = Float64Array.from(start);
  let gradient = new Float64Array(p);
  let value = objective(x, gradient);
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  let iterations = 0;
  while (iterations < maxIterations && largest(gradient) > tolerance) {
    iterations += 1;
    let direction = descent(gradient, steps, changes);
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      steps.length = 0;
      changes.length = 0;
      direction = gradient.map((g) => -g);
      slope = dot(direction, gradient);
    }
    let size = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    const nextX = new Float64Array(p);
    const nextGradient = new Float64Array(p);
    let nextValue = Number.NaN;
    for (let halving = 0; halving < 50; halving += 1) {
      for (let i = 0; i < p; i += 1) nextX[i] = x[i]! + size * direction[i]!;
      nextValue = objective(nextX, nextGradient);
      if (nextValue <= value + 1e-4 * size * slope) break;
      // Close to the minimum a decrease is smaller than the rounding of the value: trust the slope instead.
      const blur = 1e-13 * Math.abs(value);
      if (nextValue <= value + blur && Math.abs(dot(nextGradient, direction)) <= 0.9 * Math.abs(slope)) break;
      size /= 2;
    }
    // No representable decrease is left in this direction.
    if (!(nextValue < value) && !(largest(nextGradient) < largest(gradient))) break;
    const step = nextX.map((next, i) => next - x[i]!);
    const change = nextGradient.map((next, i) => next - gradient[i]!);
    if (dot(step, change) > 0) {
      steps.push(step);
      changes.push(change);
      if (steps.length > memory) {
        steps.shift();
        changes.shift();
      }
    }
    x = nextX;
    gradient = nextGradient;
    value = nextValue;
  }
  return { x, value, largestGradient: largest(gradient), iterations };
}

/** Minus the inverse-Hessian estimate times the gradient: the two-loop recursion. */
function descent(
  gradient: Float64Array,
  steps: readonly Float64Array[],
  changes: readonly Float64Array[],
): Float64Array {
  const q = gradient.map((g) => -g);
  const alphas = new Float64Array(steps.length);
  for (let k = steps.length - 1; k >= 0; k -= 1) {
    alphas[k] = dot(steps[k]!, q) / dot(changes[k]!, steps[k]!);
    addScaled(q, changes[k]!, -alphas[k]!);
  }
  const last = steps.length - 1;
  if (last >= 0) {
    const scale = dot(steps[last]!, changes[last]!) / dot(changes[last]!, changes[last]!);
    for (let i = 0; i < q.length; i += 1) q[i]! *= scale;
  }
  for (let k = 0; k < steps.length; k += 1) {
    const beta = dot(changes[k]!, q) / dot(changes[k]!, steps[k]!);
    addScaled(q, steps[k]!, alphas[k]! - beta);
  }
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(target: Float64Array, other: Float64Array, scale: number): void {
  for (let i = 0; i < target.length; i += 1) target[i]! += scale * other[i]!;
}

function largest(values: Float64Array): number {
  let size = 0;
  for (const value of values) size = Math.max(size, Math.abs(value));
  return size;
}
