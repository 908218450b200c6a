import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngramError } from '@engram/domain';
import { agreement, consistency } from './typicality.js';

describe('what a bank says of how typical a sample is', () => {
  it('counts as consistency how often models without the sample are right', () => {
    // Sample 0: left out by models 1 to 3, two of them right. Sample 1: by none.
    const bank = {
      models: 4,
      trainedOn: Uint8Array.of(1, 1, 0, 1, 0, 1, 0, 1),
      values: Uint8Array.of(1, 1, 1, 1, 0, 1, 1, 1),
    };
    assert.deepEqual([...consistency(bank)], [2 / 3, Number.NaN]);
  });

  it('counts as agreement the share of the most predicted class, be it the label or not', () => {
    // Models x samples: classes 2 2 0 2, 1 1 1 1, 0 1 2 3.
    assert.deepEqual([...agreement(Int32Array.of(2, 1, 0, 2, 1, 1, 0, 1, 2, 2, 1, 3), 4)], [0.75, 1, 0.25]);
  });

  it('has no agreement without models', () => {
    assert.throws(
      () => agreement([], 0),
      (error: unknown) => error instanceof EngramError && error.code === 'ENG_INSUFFICIENT_SAMPLES',
    );
  });
});
