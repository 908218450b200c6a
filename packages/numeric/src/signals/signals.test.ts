import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError, type ErrorCode, type NdArray } from '@engram/domain';
import fc from 'fast-check';
import {
  entropyFromLogits,
  entropyFromProbabilities,
  logSoftmaxRow,
  lossFromLogits,
  lossFromProbabilities,
  modifiedEntropyFromLogits,
  modifiedEntropyFromProbabilities,
  scaledConfidenceFromLogits,
  scaledConfidenceFromProbabilities,
} from '../index.js';

function assertClose(got: number, want: number, absolute: number): void {
  assert.ok(Math.abs(got - want) <= absolute, `expected ${want}, got ${got}`);
}

function assertCode(run: () => unknown, code: ErrorCode): EngramError {
  let caught: unknown;
  try {
    run();
  } catch (error) {
    caught = error;
  }
  assert.ok(caught instanceof EngramError, 'expected an EngramError');
  assert.equal(caught.code, code);
  return caught;
}

const row = (...values: number[]): NdArray<Float64Array> => ({
  data: Float64Array.from(values),
  shape: [1, values.length],
});
const rowOf32 = (...values: number[]): NdArray<Float32Array> => ({
  data: Float32Array.from(values),
  shape: [1, values.length],
});

test('scaled confidence does not saturate where a float32 softmax does', () => {
  // 120 - ln 2: the other two classes share the rest.
  assertClose(scaledConfidenceFromLogits(rowOf32(120, 0, 0), [0])[0]!, 120 - Math.LN2, 1e-12);
  assertClose(scaledConfidenceFromLogits(rowOf32(120, 0, 0), [0])[0]!, 119.306853, 5e-7);
  assertClose(scaledConfidenceFromLogits(rowOf32(1e4, 0), [1])[0]!, -1e4, 1e-9);
});

test('the loss of a nearly certain sample keeps its digits', () => {
  // log(1 + 2 e^-60), of which a difference of 60s would leave nothing.
  const loss = lossFromLogits(row(60, 0, 0), [0])[0]!;
  assertClose(loss / (2 * Math.exp(-60)), 1, 1e-12);
});

test('loss and scaled confidence agree with the softmax for ordinary logits', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 2, maxLength: 6 }),
      fc.nat(),
      (logits, pick) => {
        const label = pick % logits.length;
        const logP = logSoftmaxRow(logits)[label]!;
        assertClose(lossFromLogits(row(...logits), [label])[0]!, -logP, 1e-12 * (1 + Math.abs(logP)));
        const phi = scaledConfidenceFromLogits(row(...logits), [label])[0]!;
        assertClose(1 / (1 + Math.exp(-phi)), Math.exp(logP), 1e-12);
      },
    ),
  );
});

test('a shift of all logits changes no signal', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 5 }),
      fc.integer({ min: -1000, max: 1000 }),
      (logits, shift) => {
        const moved = logits.map((z) => z + shift);
        assert.deepEqual(lossFromLogits(row(...logits), [1]), lossFromLogits(row(...moved), [1]));
        assert.deepEqual(entropyFromLogits(row(...logits)), entropyFromLogits(row(...moved)));
      },
    ),
  );
});

test('a single logit stands for class 1 of two', () => {
  const single: NdArray = { data: Float32Array.of(2, -3), shape: [2, 1] };
  const pair: NdArray = { data: Float32Array.of(0, 2, 0, -3), shape: [2, 2] };
  assert.deepEqual(scaledConfidenceFromLogits(single, [1, 1]), Float64Array.of(2, -3));
  assert.deepEqual(scaledConfidenceFromLogits(single, [0, 0]), Float64Array.of(-2, 3));
  assert.deepEqual(lossFromLogits(single, [1, 0]), lossFromLogits(pair, [1, 0]));
  assert.deepEqual(entropyFromLogits(single), entropyFromLogits(pair));
});

test('entropies match the worked case of the modified-entropy paper form', () => {
  const p = row(0.7, 0.2, 0.1);
  const z = row(Math.log(0.7), Math.log(0.2), Math.log(0.1));
  assertClose(entropyFromProbabilities(p)[0]!, 0.801819, 5e-7);
  assertClose(entropyFromLogits(z)[0]!, 0.801819, 5e-7);
  assertClose(modifiedEntropyFromProbabilities(p, [0])[0]!, 0.162167, 5e-7);
  assertClose(modifiedEntropyFromProbabilities(p, [2])[0]!, 2.959736, 5e-7);
  assertClose(modifiedEntropyFromLogits(z, [0])[0]!, 0.162167, 5e-7);
  assertClose(modifiedEntropyFromLogits(z, [2])[0]!, 2.959736, 5e-7);
});

test('a confident mistake has a large but finite modified entropy', () => {
  const value = modifiedEntropyFromLogits(row(500, 0), [1])[0]!;
  // Both terms are clipped at log 1e-30.
  assertClose(value, -2 * Math.log(1e-30), 1e-9);
});

test('probabilities are clipped at 1e-12 and the share clipped is told', () => {
  const outputs: NdArray = { data: Float64Array.of(1, 0, 0.5, 0.5), shape: [2, 2] };
  const signal = scaledConfidenceFromProbabilities(outputs, [0, 0]);
  assert.equal(signal.clippedShare, 0.5);
  assertClose(signal.values[0]!, -Math.log(1e-12), 1e-9);
  assert.equal(signal.values[1], 0);
  assertClose(lossFromProbabilities(outputs, [1, 1]).values[0]!, -Math.log(1e-12), 1e-9);
});

test('the rest of a probability is summed, not subtracted from one', () => {
  // In float32 1 - 0.99999994 is 5.96e-8; the stored rest says 1e-9.
  const outputs: NdArray = { data: Float32Array.of(0.99999994, 1e-9), shape: [1, 2] };
  const signal = scaledConfidenceFromProbabilities(outputs, [0]);
  assertClose(signal.values[0]!, -Math.log(1e-9), 1e-6);
});

test('inputs are not changed', () => {
  const logits = rowOf32(1, 2, 3);
  lossFromLogits(logits, [0]);
  modifiedEntropyFromLogits(logits, [0]);
  assert.deepEqual([...logits.data], [1, 2, 3]);
});

test('no rows give no values', () => {
  assert.equal(lossFromLogits({ data: new Float32Array(0), shape: [0, 3] }, []).length, 0);
  assert.equal(lossFromProbabilities({ data: new Float32Array(0), shape: [0, 3] }, []).clippedShare, 0);
});

test('values that are not finite are refused with their count and first row', () => {
  const logits: NdArray = { data: Float32Array.of(0, 1, Number.NaN, Infinity), shape: [2, 2] };
  const error = assertCode(() => lossFromLogits(logits, [0, 1]), 'ENG_VALUES_NOT_FINITE');
  assert.deepEqual(error.details, { count: 2, firstRow: 1 });
});

test('labels outside the classes, or not whole, are refused', () => {
  const error = assertCode(() => lossFromLogits(row(1, 2), [2]), 'ENG_LABEL_OUT_OF_RANGE');
  assert.equal(error.details.firstRow, 0);
  assertCode(() => lossFromLogits(row(1, 2), [0.5]), 'ENG_LABEL_OUT_OF_RANGE');
  assertCode(() => lossFromLogits(row(1, 2), [0, 1]), 'ENG_SHAPE_MISMATCH');
});

test('logits declared as probabilities are refused', () => {
  assertCode(() => lossFromProbabilities(row(3, -2, 0), [0]), 'ENG_DATA_MODEL_MISMATCH');
  assertCode(() => lossFromProbabilities(row(0.6, 0.6), [0]), 'ENG_DATA_MODEL_MISMATCH');
});
