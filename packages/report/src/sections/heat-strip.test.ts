import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heatStrip } from './heat-strip.js';

const strip = {
  sampleId: 'mail-1',
  dataset: 'train',
  tokens: ['a', ' b', '\n', ' <i>', ' e'],
  probabilities: [null, 0.0005, 0.05, 0.3, 0.95],
  prefixTokens: 2,
  suffixProbability: 0.01425,
  label: 'memorized',
};

test('tokens are shaded by powers of ten of their probability', () => {
  const shades = [...heatStrip(strip).markup.matchAll(/class="heat-(\w+)/g)].map(([, shade]) => shade);
  assert.deepEqual(shades, ['none', '0', '2', '3', '5']);
});

test('the given prefix is apart from the continuation', () => {
  const [prefix, suffix] = heatStrip(strip).markup.split('class="suffix"');
  assert.match(prefix, / b<\/span>/);
  assert.match(suffix, / &lt;i&gt;<\/span>/);
});

test('a line feed is shown as well as made', () => {
  assert.match(heatStrip(strip).markup, />⏎\n<\/span>/);
});

test('the probability of the continuation is told in percent and in one of so many', () => {
  assert.match(heatStrip(strip).markup, /1\.4% \(1 in 70\)/);
});

test('a label without words here is printed as it is', () => {
  assert.match(heatStrip({ ...strip, label: 'toString' }).markup, /<b>toString<\/b>/);
});
