import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clopperPearson } from '@engram/metrics';
import { flaggedShare, flaggingRate, flagsOf, reliableFlags } from './reliable-flags.js';

const marks = (...rows: readonly string[]) => rows.map((row) => Uint8Array.from(row, Number));

describe('members flagged whichever training is looked at', () => {
  // Members a to e, non-members f and g; one row per retrained target.
  const retrained = marks('1110010', '1110000', '1110000', '1100000', '1001000');
  const found = reliableFlags({
    scoreId: 'lira',
    fpr: 0.001,
    retrained,
    audited: Uint8Array.of(1, 0, 1, 1, 0, 1, 0),
    membership: Uint8Array.of(1, 1, 1, 1, 1, 0, 0),
    sampleIds: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
    confidence: 0.95,
  });

  it('takes four flags of five', () => {
    assert.deepEqual([...flaggedShare(retrained)], [1, 0.8, 0.6, 0.2, 0, 0.2, 0]);
    assert.deepEqual([found.needed, found.reliablyExposed, found.sampleIds], [4, 2, ['a', 'b']]);
    assert.deepEqual(found.share, clopperPearson(2, 5));
    assert.deepEqual(found.nonMembers, clopperPearson(0, 2));
  });

  it('tells how many flags on the audited model reproduce: of a, c and d the first', () => {
    assert.equal(found.flaggedOnAudited, 3);
    const { reproduced } = found;
    assert.ok(reproduced.status === 'measured' && reproduced.value === 1 / 3);
    // Exact ends of 1 in 3: 1 - (1 - low)^3 = 0.025 and (1 - high)^2 (1 + 2 high) = 0.025.
    assert.ok(Math.abs(reproduced.low - (1 - 0.975 ** (1 / 3))) < 1e-9);
    assert.ok(Math.abs((1 - reproduced.high) ** 2 * (1 + 2 * reproduced.high) - 0.025) < 1e-9);
  });

  it('rounds the flags needed up: 5 of 6, 13 of 16, and none short of it for a rounding of 0.8', () => {
    const needed = (models: number) =>
      reliableFlags({
        scoreId: 'lira',
        fpr: 0.001,
        retrained: Array.from({ length: models }, () => Uint8Array.of(1, 0)),
        audited: Uint8Array.of(0, 0),
        membership: Uint8Array.of(1, 0),
        sampleIds: ['a', 'b'],
        confidence: 0.95,
      }).needed;
    assert.deepEqual([5, 6, 10, 15, 16].map(needed), [4, 5, 8, 12, 13]);
  });

  it('has nothing to reproduce where nothing was flagged, and names at most twenty', () => {
    const many = reliableFlags({
      scoreId: 'lira',
      fpr: 0.01,
      retrained: Array.from({ length: 5 }, () => new Uint8Array(30).fill(1)),
      audited: new Uint8Array(30),
      membership: Uint8Array.from({ length: 30 }, (_, i) => Number(i < 25)),
      sampleIds: Array.from({ length: 30 }, (_, i) => String(i)),
      confidence: 0.95,
    });
    assert.deepEqual([many.reliablyExposed, many.sampleIds.length], [25, 20]);
    assert.equal(many.reproduced.status, 'notMeasured');
    assert.ok(many.nonMembers.status === 'measured' && many.nonMembers.value === 1);
  });
});

describe('the rate samples are flagged at', () => {
  const measuredFrom = (lowest: number) => (fpr: number) =>
    ({ fpr, ...(fpr >= lowest ? { threshold: 1 } : {}) }) as Parameters<typeof flagsOf>[1];

  it('is one in a thousand where that can be measured, whatever rates are reported', () => {
    assert.equal(flaggingRate(measuredFrom(0.0001), [0.1, 0.01, 0.0001]), 0.001);
  });

  it('is else the lowest that was measured, and none without any', () => {
    assert.equal(flaggingRate(measuredFrom(0.01), [0.1, 0.01]), 0.01);
    assert.equal(flaggingRate(measuredFrom(0.05), [0.1, 0.01]), 0.1);
    assert.equal(flaggingRate(measuredFrom(0.5), [0.1]), null);
    assert.equal(flaggingRate(measuredFrom(0.5), []), null);
  });

  it('flags what is strictly above the threshold, and nobody without one', () => {
    assert.deepEqual([...flagsOf(Float64Array.of(0, 1, 2), measuredFrom(0.001)(0.01))], [0, 0, 1]);
    assert.deepEqual([...flagsOf(Float64Array.of(0, 1, 2), measuredFrom(0.1)(0.01))], [0, 0, 0]);
  });
});
