import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outputSignals } from './output-signals.js';

const close = (actual: ArrayLike<number>, expected: readonly number[]) => {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(Math.abs(actual[i] - value) < 1e-12, `${actual[i]} is not ${value}`);
  });
};
const ln = Math.log;

describe('signals of outputs', () => {
  it('are the same from logits and from their probabilities', () => {
    // p = (1/2, 1/4, 1/4) of class 0, and (1/8, 3/4, 1/8) of class 2.
    const labels = Int32Array.of(0, 2);
    const probabilities = { data: Float64Array.of(0.5, 0.25, 0.25, 0.125, 0.75, 0.125), shape: [2, 3] };
    const logits = { data: Float64Array.from(probabilities.data, (p) => ln(p) + 7), shape: [2, 3] };
    for (const signals of [
      outputSignals(probabilities, 'probabilities', labels),
      outputSignals(logits, 'logits', labels),
    ]) {
      close(signals.loss, [ln(2), ln(8)]);
      // log(p / (1 - p)): of 1/2 it is 0, of 1/8 it is log(1/7).
      close(signals.scaledConfidence, [0, -ln(7)]);
      close(signals.logProbabilities.data, [-ln(2), -ln(4), -ln(4), -ln(8), ln(0.75), -ln(8)]);
      assert.deepEqual([...signals.correct], [1, 0]);
      assert.equal(signals.clippedShare, 0);
    }
  });

  it('read a single output as the second of two classes', () => {
    const labels = Int32Array.of(1, 0, 0);
    const probabilities = { data: Float64Array.of(0.75, 0.75, 0.25), shape: [3, 1] };
    const logits = { data: Float64Array.of(ln(3), ln(3), -ln(3)), shape: [3, 1] };
    for (const signals of [
      outputSignals(probabilities, 'probabilities', labels),
      outputSignals(logits, 'logits', labels),
    ]) {
      close(signals.loss, [ln(4 / 3), ln(4), ln(4 / 3)]);
      assert.deepEqual(signals.logProbabilities.shape, [3, 2]);
      close(signals.logProbabilities.data, [ln(0.25), ln(0.75), ln(0.25), ln(0.75), ln(0.75), ln(0.25)]);
      assert.deepEqual([...signals.correct], [1, 0, 1]);
    }
  });

  it('count probabilities of 0 and 1 as saying no more than that they are certain', () => {
    const probabilities = { data: Float64Array.of(1, 0, 0.5, 0.5), shape: [2, 2] };
    const signals = outputSignals(probabilities, 'probabilities', Int32Array.of(0, 0));
    assert.equal(signals.clippedShare, 0.5);
    assert.ok(Number.isFinite(signals.scaledConfidence[0]));
  });
});
