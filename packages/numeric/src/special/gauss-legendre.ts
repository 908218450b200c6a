interface Rule {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

const rules = new Map<number, Rule>();

/**
 * Nodes and weights of n-point Gauss-Legendre quadrature on [-1, 1], found by Newton's method on the Legendre
 * polynomial and kept for the next call.
 *
 * @param n number of nodes, at least 1.
 * @returns nodes in increasing order and their weights, which sum to 2.
 */
function gaussLegendre(n: number): Rule {
  const known = rules.get(n);
  if (known !== undefined) return known;
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let step = 0; step < 100; step += 1) {
      const { value, derivative } = legendre(n, x);
      slope = derivative;
      const move = value / derivative;
      x -= move;
      if (Math.abs(move) < 1e-15) break;
    }
    nodes[i] = x;
    weights[i] = 2 / ((1 - x * x) * slope * slope);
  }
  const rule = { nodes, weights };
  rules.set(n, rule);
  return rule;
}

/**
 * Integral of `integrand` over [from, to] by one n-point Gauss-Legendre rule.
 *
 * @param integrand smooth on the interval.
 * @param from lower limit.
 * @param to upper limit.
 * @param n number of nodes.
 */
export function integrate(integrand: (x: number) => number, from: number, to: number, n = 64): number {
  const { nodes, weights } = gaussLegendre(n);
  const half = 0.5 * (to - from);
  const middle = 0.5 * (to + from);
  let sum = 0;
  for (let i = 0; i < n; i += 1) sum += weights[i]! * integrand(middle + half * nodes[i]!);
  return half * sum;
}

function legendre(n: number, x: number): { value: number; derivative: number } {
  let previous = 1;
  let value = x;
  for (let k = 2; k <= n; k += 1) {
    const next = ((2 * k - 1) * x * value - (k - 1) * previous) / k;
    previous = value;
    value = next;
  }
  return { value, derivative: (n * (x * value - previous)) / (x * x - 1) };
}
