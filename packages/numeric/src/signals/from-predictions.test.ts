import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { lossFromPredictions, scaledConfidenceFromSquaredErrors } from './from-predictions.js';

const array = (...values: number[]) => ({ data: Float32Array.from(values), shape: [values.length, 1] });

test('the loss of a regression is the squared error, in float64', () => {
  assert.deepEqual([...lossFromPredictions(array(1, 2, 3), [1, 4, 2.5])], [0, 4, 0.25]);
  // Targets keep the digits a float32 has not.
  assert.equal(lossFromPredictions(array(1), [1 + 1e-9])[0], (1 + 1e-9 - 1) ** 2);
});

test('its confidence is minus the logarithm of that, finite where nothing is left to explain', () => {
  const [exact, far] = scaledConfidenceFromSquaredErrors(Float64Array.of(0, 4)) as unknown as [number, number];
  assert.equal(exact, -Math.log(1e-12));
  assert.ok(Math.abs(far + Math.log(4)) < 1e-12);
});

test('predictions that are not finite, or not one a target, are refused', () => {
  const code = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      return error instanceof EngramError && error.code;
    }
    return 'none';
  };
  assert.equal(
    code(() => lossFromPredictions(array(1, Number.NaN), [1, 2])),
    'ENG_VALUES_NOT_FINITE',
  );
  assert.equal(
    code(() => lossFromPredictions(array(1, 2), [1])),
    'ENG_SHAPE_MISMATCH',
  );
  assert.equal(
    code(() => lossFromPredictions({ data: new Float64Array(4), shape: [2, 2] }, [1, 2])),
    'ENG_SHAPE_MISMATCH',
  );
});
