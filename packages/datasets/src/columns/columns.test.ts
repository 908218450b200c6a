import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RandomAccess } from '@engram/domain';
import fc from 'fast-check';
import { HashSet64 } from './hash-set.js';
import { modelsFirst } from './models-first.js';
import { hashBytes, RowHasher } from './row-hasher.js';

describe('HashSet64', () => {
  it('agrees with a set of strings through growth and removal', () => {
    const word = fc.nat(40).map((n) => (n < 3 ? n : Math.imul(n, 0x9e3779b1) >>> 0));
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { maxLength: 300 }), (pairs) => {
        const set = new HashSet64(1);
        const expected = new Set<string>();
        // (0, 0) is kept as (0, 1).
        const name = (high: number, low: number) => `${high},${high === 0 && low === 0 ? 1 : low}`;
        for (const [high, low] of pairs) {
          assert.equal(set.add(high, low), !expected.has(name(high, low)));
          expected.add(name(high, low));
        }
        assert.equal(set.size, expected.size);
        set.retain((high) => high % 2 === 0);
        for (const [high, low] of pairs) assert.equal(set.has(high, low), high % 2 === 0);
      }),
    );
  });
});

function hashes(rows: readonly (readonly number[])[], pieces: number): string[] {
  const found: string[] = [];
  const values = Float32Array.from(rows.flat());
  const hasher = new RowHasher(rows[0]!.length, (high, low) => found.push(`${high},${low}`));
  for (let at = 0; at < values.length; at += pieces) hasher.push(values.subarray(at, at + pieces));
  return found;
}

describe('RowHasher', () => {
  it('gives the same hashes whatever pieces the rows come in', () => {
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
      [1, 2, 3],
    ];
    const expected = hashes(rows, 9);
    assert.equal(expected[0], expected[2]);
    for (const pieces of [1, 2, 4, 5]) assert.deepEqual(hashes(rows, pieces), expected);
  });

  it('tells 300,000 rows that differ in one or two places apart', () => {
    const width = 780;
    const seen = new HashSet64();
    let rows = 0;
    const hasher = new RowHasher(width, (high, low) => {
      rows++;
      seen.add(high, low);
    });
    const row = new Uint8Array(width);
    for (let i = 0; i < width && rows < 300_000; i++)
      for (let j = i; j < width && rows < 300_000; j++) {
        row[i] = 1;
        row[j] = 1;
        hasher.push(row);
        row[i] = 0;
        row[j] = 0;
      }
    assert.equal(seen.size, rows);
  });

  it('spreads every bit of both halves', () => {
    const counts = new Float64Array(64);
    const n = 20_000;
    for (let i = 0; i < n; i++) {
      const [high, low] = hashBytes(Buffer.from(String(i)));
      for (let bit = 0; bit < 32; bit++) {
        counts[bit]! += (high >>> bit) & 1;
        counts[32 + bit]! += (low >>> bit) & 1;
      }
    }
    // 5 standard errors of a fair bit: 0.5 / sqrt(20000) x 5.
    for (const count of counts) assert.ok(Math.abs(count / n - 0.5) < 0.018, String(count / n));
  });

  it('tells runs of zero bytes of different length apart', () => {
    const found = new Set(Array.from({ length: 100 }, (_, n) => hashBytes(new Uint8Array(n)).join()));
    assert.equal(found.size, 100);
  });
});

describe('modelsFirst', () => {
  it('turns samples × models round, in one group, in several, and when one model passes the budget', async () => {
    const budgetBytes = 100_000;
    for (const [samples, models, unit] of [
      [5, 3, 2],
      [1000, 30, 1],
      [20_000, 70, 1],
    ] as const) {
      const values = Float64Array.from({ length: samples * models * unit }, (_, i) => i);
      const bytes = new Uint8Array(values.buffer);
      const access: RandomAccess = {
        sizeBytes: bytes.length,
        read: async (offset, length) => bytes.subarray(offset, offset + length),
        close: async () => {},
      };
      let place = 0;
      for await (const block of modelsFirst(access, samples, models, 8 * unit, budgetBytes)) {
        for (const value of new Float64Array(block.buffer, block.byteOffset, block.byteLength / 8)) {
          const model = Math.floor(place / (samples * unit));
          const sample = Math.floor(place / unit) % samples;
          if (value !== (sample * models + model) * unit + (place % unit)) assert.fail(`place ${place} is ${value}`);
          place++;
        }
      }
      assert.equal(place, values.length);
    }
  });
});
