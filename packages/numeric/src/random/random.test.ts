import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, deriveSeed } from '../index.js';

test('the generator gives the published draws of the portable benchmark', () => {
  const random = createRandom(12345);
  assert.deepEqual(
    [random.uniform(), random.uniform(), random.uniform()],
    [0.9797282677609473, 0.3067522644996643, 0.484205421525985],
  );
});

test('normals come in Box-Muller pairs of the published benchmark data', () => {
  const random = createRandom(12345);
  const row = [random.normal(), random.normal(), random.normal()];
  [-0.97473245, 2.61666818, 0.47638729].forEach((want, i) => {
    // Published to eight decimals.
    assert.ok(Math.abs(row[i]! - want) < 5e-9, `expected ${want}, got ${row[i]}`);
  });
});

test('normals have the moments of a standard normal', () => {
  const random = createRandom(1);
  const n = 100_000;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i += 1) {
    const x = random.normal();
    sum += x;
    squares += x * x;
  }
  // Four standard errors: 1/sqrt(n) for the mean, sqrt(2/n) for the second moment.
  assert.ok(Math.abs(sum / n) < 4 / Math.sqrt(n));
  assert.ok(Math.abs(squares / n - 1) < 4 * Math.sqrt(2 / n));
});

test('a shuffle keeps the elements and returns the same array', () => {
  const array = Int32Array.from({ length: 100 }, (_, i) => i);
  const shuffled = createRandom(3).shuffle(array);
  assert.equal(shuffled, array);
  assert.deepEqual(
    [...array].sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
  assert.notDeepEqual(
    [...array],
    [...array].sort((a, b) => a - b),
  );
});

test('every order of three elements is equally likely', () => {
  const random = createRandom(5);
  const counts = new Map<string, number>();
  const draws = 12_000;
  for (let i = 0; i < draws; i += 1) {
    const key = random.shuffle(['a', 'b', 'c']).join('');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  // Four standard errors of a count with probability 1/6.
  for (const count of counts.values()) assert.ok(Math.abs(count - 2000) < 4 * Math.sqrt(draws * (5 / 36)));
});

test('a sample has distinct members of its range', () => {
  const sample = createRandom(7).sample(50, 20);
  assert.equal(new Set(sample).size, 20);
  assert.ok(sample.every((i) => i >= 0 && i < 50));
  assert.equal(createRandom(7).sample(3, 10).length, 3);
});

test('derived seeds are stable and depend on every label and its type', () => {
  assert.equal(deriveSeed(1, 'bootstrap'), deriveSeed(1, 'bootstrap'));
  const seeds = [
    deriveSeed(1, 'bootstrap'),
    deriveSeed(2, 'bootstrap'),
    deriveSeed(1, 'folds'),
    deriveSeed(1, 'a', 'b'),
    deriveSeed(1, 'ab'),
    deriveSeed(1, 1),
    deriveSeed(1, '1'),
  ];
  assert.equal(new Set(seeds).size, seeds.length);
  assert.ok(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32));
});
