import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extractionReport } from '../fixtures/extraction.js';
import { exposureLadder } from './exposure-ladder.js';

function exposure() {
  const found = extractionReport().exposure;
  assert.ok(found);
  return found;
}

test('the null bands end where the null leaves half, a tenth and a hundredth above', () => {
  const picture = exposureLadder('exposure', exposure()).markup;
  const tops = [...picture.matchAll(/class="null-band"[^>]* y="([\d.]+)" [^>]*height="([\d.]+)"/g)].map((match) =>
    Number(match[2]),
  );
  // P(exposure > x) = 2^-x, so the bands are 1, log2 10 and log2 100 bits high; tenths of a pixel are rounded.
  assert.equal(tops.length, 3);
  assert.ok(Math.abs(tops[1] / tops[0] - Math.log2(10)) < 0.07);
  assert.ok(Math.abs(tops[2] / tops[0] - Math.log2(100)) < 0.07);
});

test('every secret has a dot, and extrapolated ones a triangle above it', () => {
  const { canaries } = exposure();
  const picture = exposureLadder('exposure', exposure()).markup;
  assert.equal(picture.split('class="dot faint"').length - 1, canaries.length);
  assert.equal(
    picture.split('class="hollow"').length - 1,
    canaries.filter(({ extrapolatedBits }) => extrapolatedBits !== null).length,
  );
});

test('a ceiling far above all secrets does not flatten them', () => {
  const picture = exposureLadder('exposure', { ...exposure(), spaceBits: 200 }).markup;
  assert.doesNotMatch(picture, /class="ceiling"/);
});
