import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extractionReport } from '../fixtures/extraction.js';
import { measured } from '../fixtures/measured.js';
import { textOf } from '../fixtures/page-reading.js';
import { section } from './blocks.js';
import { exposurePart } from './exposure.js';

const exposure = extractionReport().exposure!;
const textWith = (overrides: Partial<typeof exposure>) =>
  textOf(section('extraction', 'Extraction', exposurePart({ ...exposure, ...overrides })).markup);

test('a mean as high as the secrets ranked can show is said to be perhaps more', () => {
  const byRepetitions = [
    { repetitions: 10, count: 8, exposureBits: measured(9, 9, 9, 8), shareDetected: measured(1, 0.63, 1, 8) },
  ];
  // 511 others and the secret itself: the first of 512 has 9 bits.
  const capped = textWith({ estimator: 'sampled', references: 511, byRepetitions });
  assert.match(capped, /more than 9 cannot show among 511 secrets: it may be more/);
  assert.doesNotMatch(textWith({ estimator: 'sampled', references: 5000, byRepetitions }), /it may be more/);
  assert.doesNotMatch(textWith({ estimator: 'exact', references: 511, byRepetitions }), /it may be more/);
});

test('triangles are explained where there are any', () => {
  assert.match(textWith({}), /extrapolated beyond the secrets ranked/);
  const none = exposure.canaries.map((canary) => ({ ...canary, extrapolatedBits: null }));
  assert.doesNotMatch(textWith({ canaries: none }), /extrapolated beyond the secrets ranked/);
});
