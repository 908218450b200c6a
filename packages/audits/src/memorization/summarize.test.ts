import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Memorization } from '@engram/attacks';
import type { Measured } from '@engram/domain';
import { certify, memorizationOf, rememberedByTarget } from './summarize.js';

function estimate(memorization: readonly number[], standardError: number): Memorization {
  const n = memorization.length;
  return {
    measure: 'hard',
    memorization: Float64Array.from(memorization),
    standardError: new Float64Array(n).fill(standardError),
    freedom: new Float64Array(n).fill(Infinity),
    heldOut: new Float64Array(n),
  };
}

const numberOf = (measured: Measured) => (measured.status === 'measured' ? measured.value : Number.NaN);
const all = (n: number) => Int32Array.from({ length: n }, (_, i) => i);

describe('memorised samples', () => {
  it('are certified by Benjamini-Hochberg, with the mirrored procedure beside them', () => {
    // At 0.25 and standard error 0.1: z = 4, 3, 1, -2.5, -6.5. p = 3.2e-5, 1.35e-3, 0.16, …: two of five pass 5 % k / 5.
    const { summary, rows, qValues } = certify(estimate([0.65, 0.55, 0.35, 0, -0.4], 0.1), all(5), 0.25, 0.95);
    assert.deepEqual([...rows], [0, 1]);
    assert.equal(numberOf(summary.certified), 0.4);
    assert.equal(numberOf(summary.above), 0.6);
    assert.equal(numberOf(summary.mirrored), 0.2);
    // -0.4 mirrored: z = 1.5, p = 0.067 of five: not certified.
    assert.equal(numberOf(summary.certifiedMirrored), 0);
    assert.ok(Math.abs(numberOf(summary.mean) - 0.23) < 1e-12);
    assert.ok(Math.abs(qValues[1] - (5 / 2) * 0.0013498980316301) < 1e-9);
  });

  it('are counted among the rows asked about, and among those measured', () => {
    const { summary, rows, qValues } = certify(
      estimate([0.9, 0.9, Number.NaN, 0], 0.1),
      Int32Array.of(1, 2, 3),
      0.25,
      0.9,
    );
    assert.deepEqual([...rows], [1]);
    assert.equal(summary.samples, 2);
    assert.ok(Number.isNaN(qValues[0]) && Number.isNaN(qValues[2]));
  });

  it('have intervals of 1.96 standard errors within [-1, 1]', () => {
    const found = memorizationOf(estimate([0.9], 0.1), 0, 64, 0.95);
    assert.ok(found.status === 'measured');
    assert.ok(Math.abs(found.low - (0.9 - 0.195996398454005)) < 1e-12);
    assert.deepEqual([found.high, found.n], [1, 64]);
  });
});

describe('what the target remembers', () => {
  const heldOut = Float64Array.of(0.1, 0.2, 0.3, 0.1, 0.2, 0.3);

  it('is what it answers above models that never saw a sample, less the same of non-members', () => {
    const answers = Float64Array.of(1, 0.9, 1, 0.2, 0.2, 0.4);
    const found = rememberedByTarget(answers, heldOut, Int32Array.of(0, 1, 2), Int32Array.of(3, 4, 5), 0.95);
    assert.ok(Math.abs(numberOf(found.members) - 2.3 / 3) < 1e-12);
    assert.ok(Math.abs(numberOf(found.nonMembers) - 0.2 / 3) < 1e-12);
    assert.ok(found.difference.status === 'measured' && found.difference.low > 0);
  });

  it('is unknown without answers, and without non-members to compare with', () => {
    assert.equal(rememberedByTarget(null, heldOut, all(3), all(3), 0.95).members.status, 'notMeasured');
    const alone = rememberedByTarget(new Float64Array(6).fill(1), heldOut, all(3), Int32Array.of(5), 0.95);
    assert.deepEqual([alone.members.status, alone.difference.status], ['measured', 'notMeasured']);
  });
});
