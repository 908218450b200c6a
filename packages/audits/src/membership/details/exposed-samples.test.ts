import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleVulnerability } from '@engram/contract';
import { exposedSamples } from './exposed-samples.js';

test('calls reliably exposed what is above 2 at the lower end, and names the most exposed', () => {
  const separation = Float64Array.of(0.1, 3.5, 2.5, -1, 4, 2.1);
  const standardError = Float64Array.of(0.5, 0.7, 0.2, 0.5, 1.2, 0.5);
  // Lower ends: 3.5 - 1.372 = 2.128, 2.5 - 0.392 = 2.108, 4 - 2.352 = 1.648, 2.1 - 0.98 = 1.12.
  const found = exposedSamples({
    vulnerability: { separation, standardError },
    membership: Uint8Array.of(1, 1, 0, 0, 1, 0),
    sampleIds: ['a', 'b', 'c', 'd', 'e', 'f'],
    referenceModels: 16,
    confidence: 0.95,
  });
  sampleVulnerability.parse(found);
  assert.equal(found.reliablyExposed, 2);
  assert.ok(found.share.status === 'measured' && found.share.value === 2 / 6);
  assert.deepEqual(found.top.slice(0, 2), [
    { sampleId: 'e', separation: 4, standardError: 1.2, member: true },
    { sampleId: 'b', separation: 3.5, standardError: 0.7, member: true },
  ]);
  assert.equal(found.top.length, 6);
});
