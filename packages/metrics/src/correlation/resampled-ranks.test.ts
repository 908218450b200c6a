import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, ranks } from '@engram/numeric';
import { resampledRanks } from './resampled-ranks.js';

test('a draw has the ranks its values would have, ties and repeats included', () => {
  const random = createRandom(1);
  const n = 60;
  const values = Float64Array.from({ length: n }, (_, i) => (i % 3 === 0 ? random.integer(5) : random.normal()));
  values[7] = Number.POSITIVE_INFINITY;
  const ranksOf = resampledRanks(values);
  for (let draw = 0; draw < 50; draw += 1) {
    const rows = Int32Array.from({ length: n }, () => random.integer(n));
    assert.deepEqual(ranksOf(rows), ranks(Float64Array.from(rows, (row) => values[row]!)));
  }
});
