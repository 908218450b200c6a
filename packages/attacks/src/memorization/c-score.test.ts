import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom, mean } from '@engram/numeric';
import { cScores, heldOutAccuracies } from './c-score.js';
import { consistency } from './typicality.js';

/** A table of what was seen: right on a sample when it, or a copy of it, was trained on. */
function lookupTable(groups: number, copies: number, share: number, models: number) {
  const random = createRandom(Math.round(1000 * share));
  const n = groups * copies;
  const trainedOn = Uint8Array.from({ length: models * n }, () => Number(random.uniform() < share));
  const values = trainedOn.map((_, at) => {
    const first = at - ((at % n) % copies);
    return Number(trainedOn.subarray(first, first + copies).includes(1));
  });
  return { models, trainedOn, values };
}

const code = (expected: string) => (error: unknown) => error instanceof EngramError && error.code === expected;

describe('the C-score', () => {
  it('is the mean over sizes of how often models without the sample are right', () => {
    // Sample 0 is left out by models 1 and 2 of the first size (one right), by model 0 of the second (right).
    // Sample 1: left out by model 0 (wrong); of the second size by both (both right). Sample 2: by none of the second.
    const small = {
      models: 3,
      trainedOn: Uint8Array.of(1, 0, 0, 0, 1, 1, 0, 1, 0),
      values: Uint8Array.of(1, 0, 1, 1, 1, 1, 0, 1, 0),
    };
    const large = {
      models: 2,
      trainedOn: Uint8Array.of(0, 0, 1, 1, 0, 1),
      values: Uint8Array.of(1, 1, 1, 1, 1, 1),
    };
    const { scores, standardErrors, heldOut } = cScores([small, large]);
    assert.deepEqual([...scores], [0.75, 0.5, Number.NaN]);
    assert.deepEqual([...heldOut[0]], [0.5, 0, 0.5]);
    assert.deepEqual([...heldOut[1]], [1, 1, Number.NaN]);
    // p (1 - p) / k: 1/4 / 2 of the first size; of the second one of one right counts as two of three, 2/9 / 1.
    assert.ok(Math.abs(standardErrors[0] - Math.sqrt(1 / 8 + 2 / 9) / 2) < 1e-12);
    // None of one right: 1/3, 2/9; two of two: 3/4, 3/16 / 2.
    assert.ok(Math.abs(standardErrors[1] - Math.sqrt(2 / 9 + 3 / 32) / 2) < 1e-12);
    assert.ok(Number.isNaN(standardErrors[2]));
  });

  it('of a lookup table with m copies of a sample is the mean over shares s of 1 - (1 - s)^(m - 1)', () => {
    const shares = [0.1, 0.25, 0.5, 0.75];
    for (const copies of [1, 2, 4]) {
      const { scores } = cScores(shares.map((share) => lookupTable(100, copies, share, 200)));
      const expected = mean(shares.map((share) => 1 - (1 - share) ** (copies - 1)));
      // 100 independent groups of 50 to 180 held-out models at each of four sizes: four standard errors are below 0.008.
      assert.ok(Math.abs(mean(scores) - expected) < 0.008, `${mean(scores)} is not ${expected}`);
      // One size alone says something else.
      if (copies > 1) assert.ok(Math.abs(mean(consistency(lookupTable(100, copies, 0.5, 200))) - expected) > 0.05);
    }
  });

  it('of one size is the consistency', () => {
    const bank = lookupTable(20, 2, 0.5, 30);
    assert.deepEqual(cScores([bank]).scores, consistency(bank));
  });

  it('is of no banks, or of banks of other samples, refused', () => {
    assert.throws(() => cScores([]), code('ENG_INSUFFICIENT_SAMPLES'));
    assert.throws(() => cScores([lookupTable(4, 1, 0.5, 4), lookupTable(5, 1, 0.5, 4)]), code('ENG_SHAPE_MISMATCH'));
  });
});

describe('held-out accuracy', () => {
  it('counts what each model did not train on', () => {
    const bank = {
      models: 3,
      trainedOn: Uint8Array.of(1, 0, 0, 0, 1, 1, 1, 1),
      values: Uint8Array.of(0, 1, 0, 1, 1, 0, 1, 1),
    };
    assert.deepEqual([...heldOutAccuracies({ ...bank, models: 4 })], [1, 0.5, Number.NaN, Number.NaN]);
  });
});
