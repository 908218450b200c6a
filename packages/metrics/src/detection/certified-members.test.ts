import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@engram/numeric';
import { certifyMembers, shortestCertifiedList } from '../index.js';

test('lists by conformal p-values and Benjamini-Hochberg, worked by hand', () => {
  // 19 calibration scores 1..19; p = (1 + at or above) / 20: 25 and 24 -> 1/20, 18.5 -> 2/20, 3 -> 18/20.
  const calibration = Array.from({ length: 19 }, (_, i) => i + 1);
  const got = certifyMembers([25, 3, 24, 18.5], calibration, 0.11);
  // q: 4 x 0.05 / 2 = 0.1 for the first two, 4 x 0.1 / 3 = 0.133 for the third.
  assert.deepEqual([...got.listed], [1, 0, 1, 0]);
  assert.equal(got.count, 2);
  assert.ok(Math.abs(got.expectedFalseShare - 0.1) < 1e-12);
  assert.equal(certifyMembers([25, 3, 24, 18.5], calibration, 0.14).count, 3);
});

test('a list cannot be shorter than the smallest p-value allows', () => {
  // 1,000 judged, 399 calibration: 1000 / (0.05 x 400) = 50.
  assert.equal(shortestCertifiedList(1000, 399, 0.05), 50);
  const calibration = Float64Array.from({ length: 399 }, (_, i) => -i);
  const scores = (above: number) => Float64Array.from({ length: 1000 }, (_, i) => (i < above ? 5 : -1e6));
  assert.equal(certifyMembers(scores(49), calibration, 0.05).count, 0);
  assert.equal(certifyMembers(scores(50), calibration, 0.05).count, 50);
});

test('non-members make up no more of the list than promised, on average', () => {
  // 40 members shifted by 3 among 200; the mean share of non-members over 300 draws is at most 0.1, up to four standard errors.
  const shares: number[] = [];
  let listedMembers = 0;
  for (let run = 0; run < 300; run += 1) {
    const random = createRandom(run);
    const calibration = Float64Array.from({ length: 500 }, () => random.normal());
    const scores = Float64Array.from({ length: 200 }, (_, i) => random.normal() + (i < 40 ? 3 : 0));
    const { listed, count } = certifyMembers(scores, calibration, 0.1);
    const members = listed.subarray(0, 40).reduce((sum, one) => sum + one, 0);
    listedMembers += members / 40 / 300;
    shares.push(count === 0 ? 0 : (count - members) / count);
  }
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  assert.ok(mean < 0.1 + 4 * Math.sqrt((0.1 * 0.9) / (300 * 30)), `${mean}`);
  assert.ok(listedMembers > 0.5, 'the list must find members to be worth a test');
});

test('nothing is listed among samples like those of calibration, and strange rates are refused', () => {
  const random = createRandom(5);
  const draw = (n: number) => Float64Array.from({ length: n }, () => random.normal());
  assert.deepEqual(
    [certifyMembers(draw(200), draw(1000), 0.05).count, certifyMembers(draw(200), draw(1000), 0.05).expectedFalseShare],
    [0, 0],
  );
  assert.throws(() => certifyMembers([1], [0], 0), { code: 'ENG_REQUEST_INVALID' });
  assert.throws(() => certifyMembers([1], [], 0.05), { code: 'ENG_INSUFFICIENT_SAMPLES' });
});
