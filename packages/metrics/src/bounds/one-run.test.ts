import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fDpOneRunBound, refutesCurve } from './f-dp-one-run.js';
import { oneRunBound, oneRunPValue } from './one-run.js';

// Values to the printed digits of an independent implementation of both papers' algorithms (Python, scipy 1.15).
const table: readonly [number, number, number, number | null, number | null, number | null][] = [
  [100, 100, 75, 0.702214, 0.701941, 1.573576],
  [1000, 100, 95, 2.172434, 2.165176, 3.3233],
  [1000, 100, 100, 3.492965, 3.465376, 5.549028],
  [1000, 1000, 731, 0.880603, 0.880316, 1.642674],
  [1000, 1000, 1000, 5.809068, 5.782283, null],
  [5000, 500, 400, null, 1.195218, 1.683156],
];
const significance = 0.05;
const near = (got: number, want: number, tolerance = 5.1e-7) =>
  assert.ok(Math.abs(got - want) <= tolerance, `expected ${want}, got ${got}`);

describe('the bound of one run', () => {
  for (const [canaries, guesses, correct, pure, approximate, gaussian] of table) {
    const counts = { canaries, guesses, correct };
    it(`is the published value for ${correct} right of ${guesses} guesses about ${canaries} canaries`, () => {
      if (pure !== null) near(oneRunBound(counts, { significance, delta: 0 }), pure);
      if (approximate !== null) near(oneRunBound(counts, { significance, delta: 1e-5 }), approximate);
      if (gaussian !== null) near(fDpOneRunBound(counts, { significance, delta: 1e-5 }).epsilon, gaussian);
    });
  }

  it('has the published p-values', () => {
    const p = (canaries: number, guesses: number, correct: number, epsilon: number, delta: number) =>
      oneRunPValue({ canaries, guesses, correct }, epsilon, delta);
    near(p(100, 100, 75, 1, 0), 0.3827218673, 5.1e-11);
    near(p(100, 100, 75, 1, 1e-5), 0.3829001937, 5.1e-11);
    near(p(1000, 200, 180, 1.5, 1e-5), 0.001701553552, 5.1e-13);
    near(p(1000, 200, 180, 1.5, 1e-3), 0.07937133211, 5.1e-12);
  });

  it('is logit(significance^(1/r)) when every guess is right', () => {
    for (const guesses of [10, 100, 2000]) {
      const q = significance ** (1 / guesses);
      const counts = { canaries: 5000, guesses, correct: guesses };
      near(oneRunBound(counts, { significance, delta: 0 }), Math.log(q / (1 - q)), 1e-9);
    }
  });

  it('is 0 when no more than half are right', () => {
    for (const correct of [0, 20, 50])
      assert.equal(oneRunBound({ canaries: 100, guesses: 100, correct }, { significance, delta: 1e-5 }), 0);
  });

  it('does not depend on the number of canaries at delta 0, and falls with it otherwise', () => {
    const at = (canaries: number, delta: number) =>
      oneRunBound({ canaries, guesses: 100, correct: 90 }, { significance, delta });
    assert.equal(at(100, 0), at(100_000, 0));
    assert.ok(at(100, 1e-5) > at(100_000, 1e-5));
  });

  it('comes within 0.03 of the truth when randomised response answers 100,000 times', () => {
    const canaries = 100_000;
    const correct = Math.round((canaries * Math.E) / (1 + Math.E));
    const bound = oneRunBound({ canaries, guesses: canaries, correct }, { significance, delta: 0 });
    assert.ok(bound < 1 && bound > 0.97, `${bound}`);
  });

  it('certifies the published mu from 731 right guesses of 1000', () => {
    const { mu } = fDpOneRunBound({ canaries: 1000, guesses: 1000, correct: 731 }, { significance, delta: 1e-5 });
    near(mu, 0.4203, 5.1e-5);
  });

  it('refutes no curve by guesses that are right half the time', () => {
    assert.equal(
      refutesCurve({ canaries: 1000, guesses: 100, correct: 50 }, (x) => x, significance),
      false,
    );
  });
});
