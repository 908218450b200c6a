import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@engram/numeric';
import { fisherExactGreater, tprAtFpr } from '../index.js';

test('equals the hypergeometric tail', () => {
  // scipy 1.17.1, stats.hypergeom.sf(tp - 1, m + n, m, tp + fp); relative tolerance 1e-9.
  for (const [tp, m, fp, n, want] of [
    [8, 300, 3, 300, 0.11111841214062551],
    [60, 1000, 10, 1000, 2.1121012766371056e-10],
    [3, 50, 0, 500, 0.000710708859566105],
    [5, 500, 5, 500, 0.6236664501352213],
    [0, 10, 2, 10, 1],
    [200, 1000, 1, 1000, 1.0808020139611622e-63],
  ] as const) {
    const got = fisherExactGreater({ count: tp, n: m }, { count: fp, n });
    assert.ok(Math.abs(got / want - 1) < 1e-9, `${got} for ${want}`);
  }
});

test('is never 0, and 1 where nothing is flagged or fewer members than any', () => {
  assert.equal(fisherExactGreater({ count: 9000, n: 10_000 }, { count: 10, n: 10_000 }), Number.MIN_VALUE);
  assert.equal(fisherExactGreater({ count: 0, n: 10 }, { count: 0, n: 10 }), 1);
  assert.equal(fisherExactGreater({ count: 0, n: 5000 }, { count: 4000, n: 5000 }), 1);
  assert.equal(fisherExactGreater({ count: 0, n: 0 }, { count: 3, n: 10 }), 1);
});

test('holds its level at a threshold set on the very non-members it counts', () => {
  // Members like non-members: p <= 0.05 in at most 5 % of audits, up to four standard errors of 2,000.
  const membership = Uint8Array.from({ length: 300 }, (_, i) => i % 2);
  let rejected = 0;
  for (let run = 0; run < 2000; run += 1) {
    const random = createRandom(run);
    const scores = Float64Array.from(membership, () => random.normal());
    const { flagged } = tprAtFpr(scores, membership, { fpr: 0.1 });
    if (flagged !== undefined && fisherExactGreater(flagged.members, flagged.nonMembers) <= 0.05) rejected += 1;
  }
  assert.ok(rejected / 2000 < 0.05 + 4 * Math.sqrt((0.05 * 0.95) / 2000), `${rejected}`);
  assert.ok(rejected > 20, 'the test must be able to reject');
});

test('refuses counts beyond their totals', () => {
  assert.throws(() => fisherExactGreater({ count: 3, n: 2 }, { count: 0, n: 2 }), { code: 'ENG_SHAPE_MISMATCH' });
});
