import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '@engram/numeric';
import { referenceMask } from '../tasks/reference-masks.js';
import { leakOfMasks } from './leaking-masks.js';

const judged = 200;
const rows = 260;
const membership = Uint8Array.from({ length: judged }, (_, i) => Number(i < 100));

function bank(models: number, mask: (model: number, row: number) => number) {
  const trainedOn = Uint8Array.from({ length: models * rows }, (_, at) => mask(Math.floor(at / rows), at % rows));
  return { models, trainedOn, loss: new Float64Array(models * rows) };
}

describe('masks of reference models', () => {
  it('may be balanced pairs, independent coins, or empty', () => {
    const random = createRandom(1);
    const pairs = Array.from({ length: 8 }, (_, k) => referenceMask(3, k, rows));
    for (const mask of [(k: number, i: number) => pairs[k][i], () => random.integer(2), () => 0])
      assert.equal(leakOfMasks(bank(8, mask), membership), null);
  });

  it('may not hold members more often than non-members', () => {
    // Members are in every fourth model, non-members in every second: counts 2 against 4 of 8.
    const leak = leakOfMasks(
      bank(8, (k, i) => Number(k % (i < 100 ? 4 : 2) === 0)),
      membership,
    );
    assert.equal(leak?.code, 'ENG_ATTACK_NOT_APPLICABLE');
    assert.match(leak.message, /referenceMember.*AUC of 0\.000/);
    assert.ok((leak.remedy ?? '').length > 0);
  });

  it('are looked at on the samples judged alone', () => {
    const random = createRandom(2);
    const aside = bank(8, (_, i) => (i < judged ? random.integer(2) : 1));
    assert.equal(leakOfMasks(aside, membership), null);
  });
});
