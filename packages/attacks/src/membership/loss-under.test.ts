import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngramError } from '@engram/domain';
import { lossUnder } from './loss-under.js';

const logits = { data: Float64Array.of(2, 1, 0), shape: [1, 3] };
const first = Int32Array.of(0);

test('at temperature 2 the first of logits 2, 1, 0 has a probability of 0.50648039, or 0.36036907 by the Taylor softmax', () => {
  for (const [kind, expected] of [
    ['softmax', 0.50648039],
    ['taylor', 0.36036907],
  ] as const) {
    const [loss] = lossUnder(logits, first, { kind, temperature: 2 });
    assert.ok(Math.abs(Math.exp(-loss) - expected) < 5e-9, `${kind} ${Math.exp(-loss)}`);
  }
});

test('the softmax is that of log-probabilities too; the Taylor softmax, which is not blind to a shift, is not', () => {
  const shifted = { data: logits.data.map((z) => z - 2.4076059644443806), shape: [1, 3] };
  const apart = (kind: 'softmax' | 'taylor') => {
    const [one, other] = [logits, shifted].map((z) => lossUnder(z, first, { kind, temperature: 2 })[0]);
    return Math.abs(one - other);
  };
  assert.ok(apart('softmax') < 1e-12);
  assert.ok(apart('taylor') > 0.04);
});

test('a true class below the root of the polynomial gets the largest loss, and other classes there count nothing', () => {
  const probability = { kind: 'taylor', temperature: 1 } as const;
  const far = { data: Float64Array.of(-9, 0), shape: [1, 2] };
  assert.equal(lossUnder(far, first, probability)[0], 745);
  assert.ok(Math.abs(lossUnder(far, Int32Array.of(1), probability)[0]) === 0);
});

test('refuses labels that are no class, logits that are no numbers, and shapes that do not fit, whatever the kind', () => {
  for (const kind of ['softmax', 'taylor'] as const) {
    const refusal = (z: typeof logits, labels: Int32Array, code: string) =>
      assert.throws(
        () => lossUnder(z, labels, { kind, temperature: 2 }),
        (error: EngramError) => error.code === code,
        `${kind} ${code}`,
      );
    refusal(logits, Int32Array.of(3), 'ENG_LABEL_OUT_OF_RANGE');
    refusal({ data: Float64Array.of(1, Number.NaN, 0), shape: [1, 3] }, first, 'ENG_VALUES_NOT_FINITE');
    refusal(logits, Int32Array.of(0, 1), 'ENG_SHAPE_MISMATCH');
  }
});
