import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import fc from 'fast-check';
import type { Decoder } from './decoder.js';
import { suffixLogProbability } from './suffix-log-probability.js';
import { concatTokenSignals, type TokenSignals, tokenSignalsFromLogits } from './token-signals.js';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

/** One record per possible token of a single row of logits. */
function everyToken(logits: readonly number[], kept = logits.length): TokenSignals {
  return concatTokenSignals(
    logits.map((_, id) =>
      tokenSignalsFromLogits({ data: Float64Array.from(logits), shape: [1, logits.length] }, Int32Array.of(id), kept),
    ),
  );
}

const probabilities = (logits: readonly number[], decoder: Decoder) =>
  [...suffixLogProbability(everyToken(logits), decoder).low].map(Math.exp);

test('decoders give the printed probabilities of logits 2, 1, 0, -1', () => {
  const cases: readonly (readonly [Decoder, readonly number[]])[] = [
    ['greedy', [1, 0, 0, 0]],
    [{ temperature: 1 }, [0.643914, 0.236883, 0.087144, 0.032059]],
    [{ temperature: 0.5 }, [0.864955, 0.117059, 0.015842, 0.002144]],
    [{ temperature: 1, topK: 2 }, [0.731059, 0.268941, 0, 0]],
    [{ temperature: 0.5, topK: 2 }, [0.880797, 0.119203, 0, 0]],
    [{ temperature: 1, topP: 0.9 }, [0.665241, 0.244728, 0.090031, 0]],
    [{ temperature: 1, topK: 3, topP: 0.7 }, [0.731059, 0.268941, 0, 0]],
  ];
  for (const [decoder, expected] of cases) {
    probabilities([2, 1, 0, -1], decoder).forEach((p, id) => {
      near(p, expected[id], 5e-7);
    });
  }
});

const logitRows = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: 2, maxLength: 24 });
const anyDecoder: fc.Arbitrary<Decoder> = fc.oneof(
  fc.constant('greedy' as const),
  fc.record(
    {
      temperature: fc.double({ min: 0.2, max: 3, noNaN: true }),
      topK: fc.integer({ min: 1, max: 30 }),
      topP: fc.double({ min: 0.05, max: 1, noNaN: true }),
    },
    { requiredKeys: ['temperature'] },
  ),
);

test("every decoder's probabilities sum to 1 over the vocabulary", () => {
  fc.assert(
    fc.property(logitRows, anyDecoder, (logits, decoder) => {
      near(
        probabilities(logits, decoder).reduce((sum, p) => sum + p, 0),
        1,
        1e-9,
      );
    }),
    { seed: 1 },
  );
});

test('from the k most likely alone, topK up to k is exact and every other interval holds the truth', () => {
  fc.assert(
    fc.property(logitRows, fc.integer({ min: 1, max: 24 }), anyDecoder, (logits, kept, decoder) => {
      const exact = suffixLogProbability(everyToken(logits), decoder);
      const { low, high } = suffixLogProbability(everyToken(logits, kept), decoder);
      const decided = decoder === 'greedy' || (decoder.topK ?? logits.length) <= Math.min(kept, logits.length);
      exact.low.forEach((value, id) => {
        assert.equal(value, exact.high[id]);
        if (decided && value > -Infinity) near(low[id], value, 1e-9);
        assert.ok(low[id] <= value + 1e-9 && value <= high[id] + 1e-9, `${low[id]} ${value} ${high[id]}`);
      });
    }),
    { seed: 1, numRuns: 400 },
  );
});

test('plain temperature is bracketed by the tail bound on a vocabulary of 50,000 with 40 kept', () => {
  const logits = Float64Array.from({ length: 50_000 }, (_, id) => 10 * Math.sin(id) ** 9);
  const row = { data: logits, shape: [1, logits.length] };
  for (const temperature of [0.5, 0.8, 1.5]) {
    const all = tokenSignalsFromLogits(row, Int32Array.of(11), logits.length);
    const few = tokenSignalsFromLogits(row, Int32Array.of(11), 40);
    const [truth] = suffixLogProbability(all, { temperature }).low;
    const { low, high } = suffixLogProbability(few, { temperature });
    assert.ok(low[0] <= truth && truth <= high[0], `${low[0]} ${truth} ${high[0]}`);
    assert.ok(low[0] < high[0]);
  }
});

test('topP is exact when the kept tokens reach its mass, and an interval when they do not', () => {
  const logits = [2, 1, 0, -1];
  const bounds = (kept: number, topP: number) =>
    suffixLogProbability(everyToken(logits, kept), { temperature: 1, topP });
  const reached = bounds(3, 0.9);
  near(Math.exp(reached.low[2]), 0.090031, 5e-7);
  near(reached.low[2], reached.high[2], 1e-12);
  assert.equal(reached.high[3], -Infinity);
  const short = bounds(2, 0.9);
  assert.ok(short.low[0] < short.high[0]);
  assert.equal(short.low[3], -Infinity);
  assert.ok(short.high[3] > -Infinity);
});

test('a deterministic model gives its continuation with certainty and nothing else', () => {
  // next = (previous + 1) mod 5; the record follows it once and once does not.
  const rows = (previous: readonly number[]) => ({
    data: Float64Array.from(previous.flatMap((p) => [0, 1, 2, 3, 4].map((id) => (id === (p + 1) % 5 ? 0 : -Infinity)))),
    shape: [previous.length, 5],
  });
  const right = tokenSignalsFromLogits(rows([1, 2, 3]), Int32Array.of(2, 3, 4), 5);
  const wrong = tokenSignalsFromLogits(rows([1, 2, 3]), Int32Array.of(2, 0, 4), 5);
  for (const decoder of ['greedy', { temperature: 0.7, topK: 3 }, { temperature: 1 }] as const) {
    const { low, firstMiss } = suffixLogProbability(concatTokenSignals([right, wrong]), decoder);
    assert.deepEqual([...low], [0, -Infinity]);
    assert.deepEqual([...firstMiss], [-1, 1]);
  }
});

test("a uniform model gives -k ln V, and under topK -k' ln k inside and nothing outside", () => {
  const uniform = (targets: Int32Array) =>
    tokenSignalsFromLogits({ data: new Float64Array(16 * targets.length), shape: [targets.length, 16] }, targets, 16);
  const signals = concatTokenSignals([uniform(Int32Array.of(0, 1, 2, 3)), uniform(Int32Array.of(0, 1, 9, 3))]);
  const plain = suffixLogProbability(signals, { temperature: 1.3 });
  near(Math.exp(plain.low[0]), 1.526e-5, 5e-9);
  near(plain.low[1], -4 * Math.log(16), 1e-12);
  // Equally likely tokens are placed by id: the first four are inside.
  const top = suffixLogProbability(signals, { temperature: 1, topK: 4 });
  near(top.low[0], -4 * Math.log(4), 1e-12);
  assert.equal(top.high[1], -Infinity);
  assert.equal(top.firstMiss[1], 2);
});

test('an add-alpha n-gram gives the printed probabilities of planted strings', () => {
  // V = 1000, alpha = 0.01; a string planted r times in contexts of its own: q = (r + alpha) / (r + alpha V).
  for (const [r, q, ten] of [
    [1, 0.091818, 4.259e-11],
    [10, 0.5005, 9.864e-4],
    [100, 0.909182, 0.385929],
    [1000, 0.990109, 0.905377],
  ] as const) {
    const row = Array.from({ length: 1000 }, (_, id) => Math.log((id === 7 ? r : 0) + 0.01));
    const logits = { data: Float64Array.from(Array(10).fill(row).flat()), shape: [10, 1000] };
    const signals = tokenSignalsFromLogits(logits, new Int32Array(10).fill(7), 40);
    near(Math.exp(signals.logProbability[0]), q, 5e-7);
    near(Math.exp(suffixLogProbability(signals, { temperature: 1 }).low[0]) / ten, 1, 5e-4);
  }
});

test('a suffix of 2,000 tokens keeps a finite log-probability', () => {
  const row = [0, -2.5];
  const logits = { data: Float64Array.from(Array(2000).fill(row).flat()), shape: [2000, 2] };
  const signals = tokenSignalsFromLogits(logits, new Int32Array(2000).fill(1), 2);
  const { low, high } = suffixLogProbability(signals, { temperature: 0.9, topK: 2 });
  assert.ok(low[0] < -5000 && Number.isFinite(low[0]));
  assert.equal(low[0], high[0]);
});

test("a server's stand-in for probability 0 is not summed", () => {
  const signals = everyToken([1, 0]);
  signals.logProbability[1] = -9999;
  assert.equal(suffixLogProbability(signals, { temperature: 1 }).high[1], -Infinity);
});

test('temperature 0 is refused in favour of greedy', () => {
  assert.throws(
    () => suffixLogProbability(everyToken([1, 0]), { temperature: 0 }),
    (error: unknown) => error instanceof EngramError && error.code === 'ENG_REQUEST_INVALID',
  );
});
