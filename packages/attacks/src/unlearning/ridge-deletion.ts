import { EngramError, type NdArray } from '@engram/domain';
import { choleskyFactor, choleskySolve } from '@engram/numeric';

/** What deleting samples from a ridge regression does, exactly and approximately. */
export interface RidgeDeletion {
  /** (p) trained on everything. */
  readonly weights: Float64Array;
  /** (p) trained without the deleted samples, exactly. */
  readonly deleted: Float64Array;
  /** (p) the influence step: without the leverage correction, so too short by a factor of 1 - h for one sample. */
  readonly influence: Float64Array;
  /** (n) h_ii of every sample, before. */
  readonly leverage: Float64Array;
  /** (n) h_jj of every sample once the others are gone; never smaller. Deleted samples keep theirs. */
  readonly leverageAfter: Float64Array;
}

/**
 * Closed form of unlearning in ridge regression: theta - A^-1 X_S' (I - H_SS)^-1 e_S with A = X'X + lambda I,
 * H = X A^-1 X', e = y - X theta. Residual times leverage: the shape difficulty has in deep nets too.
 *
 * @param features (n, p). @param targets (n). @param penalty lambda, positive. @param forget rows to delete, each once.
 * @throws ENG_SHAPE_MISMATCH. ENG_VALUES_NOT_FINITE the system is singular.
 */
export function ridgeDeletion(
  features: NdArray,
  targets: ArrayLike<number>,
  penalty: number,
  forget: readonly number[],
): RidgeDeletion {
  const [n, p] = features.shape;
  if (features.shape.length !== 2 || features.data.length !== n * p || targets.length !== n)
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected features (n, p) and n targets, got (${features.shape.join(', ')}) and ${targets.length}`,
    );
  const row = (i: number) => features.data.subarray(i * p, (i + 1) * p);
  const factor = choleskyFactor(gram(row, n, p, penalty), p);
  const weights = choleskySolve(factor, moment(row, targets, n, p));
  const solved = forget.map((i) => choleskySolve(factor, row(i)));
  const residual = Float64Array.from(forget, (i) => targets[i] - dot(row(i), weights));
  // I - H_SS, whose inverse turns the influence step into the exact one.
  const s = forget.length;
  const room = Float64Array.from({ length: s * s }, (_, at) => {
    const [a, b] = [Math.floor(at / s), at % s];
    return (a === b ? 1 : 0) - dot(row(forget[a]), solved[b]);
  });
  const roomFactor = choleskyFactor(room, s);
  const leverage = Float64Array.from({ length: n }, (_, i) => dot(row(i), choleskySolve(factor, row(i))));
  const gone = new Set(forget);
  return {
    weights,
    deleted: step(weights, solved, choleskySolve(roomFactor, residual)),
    influence: step(weights, solved, residual),
    leverage,
    leverageAfter: leverage.map((own, j) => {
      if (gone.has(j)) return own;
      const shared = Float64Array.from(solved, (direction) => dot(row(j), direction));
      return own + dot(shared, choleskySolve(roomFactor, shared));
    }),
  };
}

type Row = (i: number) => ArrayLike<number>;

function gram(row: Row, n: number, p: number, penalty: number): Float64Array {
  const matrix = new Float64Array(p * p);
  for (let i = 0; i < n; i += 1) {
    const x = row(i);
    for (let a = 0; a < p; a += 1) for (let b = 0; b <= a; b += 1) matrix[a * p + b] += x[a] * x[b];
  }
  for (let a = 0; a < p; a += 1) matrix[a * p + a] += penalty;
  return matrix;
}

function moment(row: Row, targets: ArrayLike<number>, n: number, p: number): Float64Array {
  const right = new Float64Array(p);
  for (let i = 0; i < n; i += 1) for (let a = 0; a < p; a += 1) right[a] += row(i)[a] * targets[i];
  return right;
}

function step(weights: Float64Array, solved: readonly Float64Array[], sizes: Float64Array): Float64Array {
  return weights.map((weight, a) => weight - solved.reduce((sum, direction, k) => sum + direction[a] * sizes[k], 0));
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i] * b[i];
  return sum;
}
