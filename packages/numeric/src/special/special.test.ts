import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  binomialCdf,
  binomialLogSf,
  binomialSf,
  incompleteBeta,
  incompleteBetaInverse,
  incompleteBetaUpper,
  log1mexp,
  log1pexp,
  logBeta,
  logBinomial,
  logGamma,
  logIncompleteBeta,
  logSumExp,
  normalCdf,
  normalLogCdf,
  normalLogSf,
  normalQuantile,
  owensT,
  sigmoid,
  skewNormalLogCdf,
  skewNormalLogPdf,
  studentCdf,
  studentLogPdf,
  studentLogSf,
  studentQuantile,
} from '../index.js';

// Reference values: mpmath 1.3.0 with 30 to 40 digits (integrals and the continued fraction DLMF 8.17.22, not its
// library functions), printed to double precision. 1e-12 relative leaves room for the rounding of the inputs.
function assertClose(got: number, want: number, relative = 1e-12): void {
  assert.ok(Math.abs(got - want) <= relative * Math.abs(want), `expected ${want}, got ${got}`);
}

test('the normal quantile holds its digits from the middle to the smallest doubles', () => {
  assertClose(normalQuantile(0.975), 1.9599639845400545);
  assertClose(normalQuantile(1e-10), -6.361340902404056);
  assertClose(normalQuantile(1e-300), -37.0470962993612);
  assert.equal(normalQuantile(0.5), 0);
  assert.equal(normalQuantile(0), -Infinity);
  assert.equal(normalQuantile(1), Infinity);
  assert.ok(Number.isNaN(normalQuantile(-0.1)));
  assert.ok(Number.isNaN(normalQuantile(Number.NaN)));
});

test('the normal tails are accurate relative to themselves', () => {
  assertClose(normalCdf(-8), 6.22096057427174e-16, 2e-14);
  assertClose(normalCdf(-10), 7.61985302416047e-24, 7e-14);
  assertClose(normalLogSf(10), -53.23128515051247);
  assertClose(normalLogSf(100), -5005.524208694205);
  assertClose(normalLogSf(-10), -7.619853024160498e-24);
  assert.equal(normalLogCdf(Infinity), 0);
  assert.equal(normalLogSf(Infinity), -Infinity);
});

test('the normal quantile inverts the distribution function', () => {
  fc.assert(
    fc.property(fc.double({ min: -37, max: 8, noNaN: true }), (x) => {
      const back = normalQuantile(normalCdf(x));
      // Near the upper end a double cannot tell probabilities apart: 1e-16 there moves x by 1e-16 / density.
      const blur = 1e-15 / Math.exp(-0.5 * x * x);
      assert.ok(Math.abs(back - x) <= 1e-11 * (1 + Math.abs(x)) + (x > 0 ? blur : 0), `${x} came back as ${back}`);
    }),
  );
});

test('log-gamma, log-beta and log-binomial match reference values', () => {
  assertClose(logGamma(0.5), 0.5723649429247001);
  assertClose(logGamma(1000.5), 5908.674175848678);
  // The sums of log-gammas cancel ten digits here.
  assertClose(logBeta(1e8, 0.5), Math.log(Math.sqrt(Math.PI) / Math.sqrt(1e8)) + 1 / 8e8, 1e-12);
  assertClose(logBinomial(80, 40), Math.log(1.0750720873333618e23));
  // 2 / C(800, 400) is the least p-value of a two-sample test at 400 per side, published as 1.063590e-239.
  assertClose(logBinomial(800, 400), Math.log(2) - Math.log(1.06359e-239), 1e-9);
  assert.equal(logBinomial(5, 0), 0);
  assert.equal(logBinomial(5, 6), -Infinity);
  assert.equal(logBinomial(5, -1), -Infinity);
});

test('the incomplete beta function and its inverse match reference values', () => {
  assertClose(incompleteBeta(10, 991, 0.01), 0.5426994078251132);
  assertClose(incompleteBeta(1e5, 1e5, 0.49), 1.8571347290412116e-19);
  assertClose(incompleteBetaInverse(11, 990, 0.95), 0.0169031751205625);
  assertClose(incompleteBetaInverse(1, 500, 0.995), 0.0105406881886758);
  assert.equal(incompleteBetaInverse(3, 4, 0), 0);
  assert.equal(incompleteBetaInverse(3, 4, 1), 1);
  assert.ok(Number.isNaN(incompleteBeta(0, 1, 0.5)));
  assert.ok(Number.isNaN(incompleteBeta(1, 1, 1.5)));
});

test('the incomplete beta inverse undoes the function, and the two tails sum to one', () => {
  fc.assert(
    fc.property(
      // Below 1 the quantile may lie within one rounding of an end, where a double cannot say where.
      fc.double({ min: 1, max: 5000, noNaN: true }),
      fc.double({ min: 1, max: 5000, noNaN: true }),
      fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }),
      (a, b, p) => {
        const x = incompleteBetaInverse(a, b, p);
        assertClose(incompleteBeta(a, b, x), p, 1e-8);
        assertClose(incompleteBeta(a, b, x) + incompleteBetaUpper(a, b, x), 1, 1e-11);
      },
    ),
    { numRuns: 200 },
  );
});

test('the log of the incomplete beta function stays finite where the probability underflows', () => {
  // log of the first term: I_x(a, b) -> x^a (1 - x)^b / (a B(a, b)) for tiny x.
  const leading = 400 * Math.log(1e-6) - Math.log(400) - logBeta(400, 3);
  assertClose(logIncompleteBeta(400, 3, 1e-6), leading, 1e-8);
  assertClose(logIncompleteBeta(10, 991, 0.01), Math.log(0.5426994078251132));
  assert.equal(logIncompleteBeta(2, 3, 0), -Infinity);
  assert.equal(logIncompleteBeta(2, 3, 1), 0);
});

test('binomial tails come out of the incomplete beta function', () => {
  assertClose(binomialSf(730, 1000, 0.7), 0.0169362701020974, 1e-11);
  assertClose(binomialSf(94, 100, 0.9), 0.0575768864870339, 1e-11);
  assertClose(binomialLogSf(730, 1000, 0.7), Math.log(0.0169362701020974), 1e-11);
  assert.equal(binomialSf(-1, 10, 0.3), 1);
  assert.equal(binomialSf(10, 10, 0.3), 0);
  assert.equal(binomialCdf(10, 10, 0.3), 1);
  assertClose(binomialCdf(0, 3, 0.2), 0.8 ** 3);
  // 2000 successes in 2000 at 1/10: 2000 ln 0.1, far below the smallest double.
  assertClose(binomialLogSf(1999, 2000, 0.1), 2000 * Math.log(0.1));
});

test("Student's density and tails match reference values and tend to the normal", () => {
  assertClose(studentLogPdf(2.5, 11), -3.64113602823455);
  assertClose(studentLogPdf(-1, 3), -1.57625299452707);
  assertClose(studentLogPdf(0.7, 1e9), studentLogPdf(0.7, Infinity), 1e-8);
  // df = 1 is the Cauchy distribution: P(T > x) = atan(1/x) / pi.
  assertClose(studentLogSf(1e6, 1), Math.log(Math.atan(1e-6) / Math.PI));
  assertClose(studentLogSf(2.5, 11), Math.log(studentCdf(-2.5, 11)));
  assert.equal(studentCdf(0, 7), 0.5);
  assertClose(studentLogSf(40, Infinity), normalLogSf(40));
  // A tail of df^(df/2) x^-df size: finite although it is e^-2300 and beyond.
  const far = studentLogSf(1e10, 200);
  assert.ok(Number.isFinite(far) && far < -4000);
  assert.ok(Number.isNaN(studentLogPdf(0, 0)));
});

test("Owen's T matches published and reference values", () => {
  assertClose(owensT(1, 2), 0.078468187, 1e-8);
  assertClose(owensT(0.5, 4), 0.1535563913, 1e-9);
  // T(0, a) = atan(a) / 2 pi.
  assertClose(owensT(0, 1), 0.125);
  assertClose(owensT(0, 7), Math.atan(7) / (2 * Math.PI));
  assert.equal(owensT(1, -2), -owensT(1, 2));
  assert.equal(owensT(-1, 2), owensT(1, 2));
});

test('the skew-normal distribution keeps its digits where Phi and 2T cancel', () => {
  const cdf = (u: number, shape: number) => Math.exp(skewNormalLogCdf(u, { location: 0, scale: 1, shape }));
  assertClose(cdf(0, 4), 0.0779791304, 1e-8);
  assertClose(cdf(-0.5, 4), 0.001424756, 1e-6);
  assertClose(cdf(-3, -4), 0.0026997961, 1e-7);
  assertClose(cdf(-2, 2), 3.143618e-7, 1e-6);
  assertClose(cdf(-6, -4), 1.973175e-9, 1e-6);
  const far = (u: number, shape: number) => skewNormalLogCdf(u, { location: 0, scale: 1, shape });
  assertClose(far(-12, 4), -1234.3353000900688);
  assertClose(far(-30, 30), -405468.1518309894);
  assertClose(far(8, -2), -1.6039606652850287e-73, 1e-11);
  assert.equal(far(Infinity, 3), 0);
});

test('a skew-normal of shape 0 is the normal, and location and scale move it', () => {
  assertClose(skewNormalLogCdf(-1.3, { location: 0, scale: 1, shape: 0 }), normalLogCdf(-1.3));
  assertClose(
    skewNormalLogCdf(7, { location: 3, scale: 2, shape: 4 }),
    skewNormalLogCdf(2, { location: 0, scale: 1, shape: 4 }),
  );
  assertClose(skewNormalLogPdf(3, { location: 3, scale: 2, shape: 4 }), -Math.log(2) - 0.5 * Math.log(2 * Math.PI));
});

test('sums and differences of exponentials neither overflow nor lose small terms', () => {
  assert.equal(logSumExp([1000, 1000]), 1000 + Math.LN2);
  assert.equal(logSumExp([]), -Infinity);
  assert.equal(logSumExp([-Infinity, -Infinity]), -Infinity);
  assert.equal(logSumExp([Infinity, 1]), Infinity);
  assert.ok(Number.isNaN(logSumExp([Number.NaN, 1])));
  assertClose(log1mexp(-1e-20), Math.log(1e-20));
  assertClose(log1mexp(-50), -Math.exp(-50));
  assert.equal(log1mexp(0), -Infinity);
  assertClose(log1pexp(-800), 0, 1);
  assert.equal(log1pexp(800), 800);
  assert.equal(sigmoid(-800), 0);
  assert.equal(sigmoid(0), 0.5);
});

test('Student quantiles have their closed forms for one and two degrees, and undo the distribution function', () => {
  assertClose(studentQuantile(0.6, 1), Math.tan(Math.PI / 10));
  assertClose(studentQuantile(0.9, 2), 0.8 / Math.sqrt(0.18));
  assertClose(studentQuantile(0.1, 2), -0.8 / Math.sqrt(0.18));
  assertClose(studentCdf(studentQuantile(0.9999, 3.5), 3.5), 0.9999);
  assertClose(studentQuantile(0.975, Infinity), 1.95996398454005);
  assert.deepEqual([studentQuantile(0.5, 4), studentQuantile(1, 4)], [0, Infinity]);
  assert.ok(Number.isNaN(studentQuantile(0.5, 0)));
});
