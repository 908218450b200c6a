import assert from 'node:assert/strict';
import { test } from 'node:test';
import { membershipAttacks } from './catalog.js';
import type { MembershipSignals, ReferenceSignals } from './signals.js';
import { withRetrainedTarget } from './target-of-bank.js';
import { toySignals } from './toy-signals.js';

/** Two retrained models: the first says nothing, the second says exactly what the target says. */
function retrainedLike({ target }: MembershipSignals): ReferenceSignals {
  const n = target.loss!.length;
  const below = (values: ArrayLike<number>) =>
    Float64Array.from({ length: 2 * values.length }, (_, i) => values[i - values.length] ?? 0);
  return {
    models: 2,
    trainedOn: new Uint8Array(2 * n),
    loss: below(target.loss!),
    scaledConfidence: below(target.scaledConfidence!),
    correct: Uint8Array.from(below(target.correct!)),
  };
}

test('a retrained model that says what the target says is scored as the target by every attack that can be run on it', () => {
  const signals = toySignals(60, 8, 1);
  const swapped = withRetrainedTarget(signals, retrainedLike(signals), 1);
  const scored = membershipAttacks.flatMap((attack) => {
    const planned = attack.plan();
    const isKept = planned.requires.every(({ signal }) => signal !== 'measure' && signal !== 'probabilities');
    if (!isKept) return [];
    assert.deepEqual(planned.score(swapped, { seed: 3 }), planned.score(signals, { seed: 3 }), planned.scoreId);
    return [planned.attack];
  });
  for (const attack of ['loss', 'gap', 'calibratedLoss', 'lira', 'rmia', 'base'] as const)
    assert.ok(scored.includes(attack), attack);
});

test('what is not kept of a retrained model is absent, and the rest of the audit stays', () => {
  const signals = toySignals(60, 8, 1);
  const { target, population, reference, calibration } = withRetrainedTarget(signals, retrainedLike(signals), 0);
  assert.deepEqual([...target.loss!], new Array(60).fill(0));
  assert.deepEqual([target.logProbabilities, target.measured, population], [undefined, undefined, undefined]);
  assert.equal(reference, signals.reference);
  assert.equal(calibration, signals.calibration);
});

test('a retrained regression stays a regression', () => {
  const signals = toySignals(60, 8, 1);
  const regression = { ...signals, target: { ...signals.target, squaredError: true } };
  assert.equal(withRetrainedTarget(regression, retrainedLike(signals), 0).target.squaredError, true);
});
