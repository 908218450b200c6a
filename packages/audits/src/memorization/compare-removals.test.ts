import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onionReport } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { compareRemovals, type Removals } from './compare-removals.js';

const members = 100;
const layer = 10;
const value = (measured: Measured) => (measured.status === 'measured' ? measured.value : Number.NaN);

/** Members ranked by row, the first most exposed; without the exposed, the next `rising` move up by 20. */
function removals(rising: number, training = 1): Removals {
  const random = createRandom(5);
  const before = Float64Array.from({ length: members }, (_, i) => members - i);
  const jitter = () => before.map((exposure) => exposure + random.normal());
  const withoutExposed = jitter().map((exposure, i) => (i >= layer && i < layer + rising ? exposure + 20 : exposure));
  const withoutRandom = jitter();
  withoutExposed.fill(Number.NaN, 0, layer);
  withoutRandom.fill(Number.NaN, members - layer);
  const around = (centre: number) => Float64Array.from({ length: 5 }, (_, i) => centre + 0.002 * (i - 2));
  return {
    exposure: 'vulnerability',
    modelsPerArm: 16,
    before,
    withoutExposed,
    withoutRandom,
    exposed: Int32Array.from({ length: layer }, (_, i) => i),
    random: Int32Array.from({ length: layer }, (_, i) => members - layer + i),
    members: Int32Array.from({ length: members }, (_, i) => i),
    retrained: {
      exposed: { test: around(0.8), training: new Float64Array(5).fill(training) },
      random: { test: around(0.85), training: new Float64Array(5).fill(training) },
    },
    confidence: 0.95,
  };
}

describe('the section on the privacy onion', () => {
  it('says that deleting the exposed exposes others when more are exposed than after a random removal', () => {
    const section = onionReport.parse(compareRemovals(removals(layer)));
    assert.match(section.statement, /^Deleting the exposed exposes others: of 80 members left, 10 became/);
    assert.deepEqual([section.removed, section.threshold, section.compared], [layer, 91, 80]);
    assert.equal(value(section.newlyExposed.exposed), 10 / 80);
    assert.equal(value(section.overlap.exposed), 1);
    assert.equal(section.overlap.chance, 10 / 80);
    assert.ok(Math.abs(value(section.change.difference) - 20 * (10 / 80)) < 1);
  });

  it('does not say it when nothing of the kind was measured', () => {
    const section = compareRemovals(removals(0));
    assert.match(section.statement, /^That deleting the exposed exposes others was not shown/);
    const { difference } = section.newlyExposed;
    assert.ok(difference.status === 'measured' && difference.low <= 0);
  });

  it('tells what the removal costs, and warns of models that had not converged', () => {
    const { utility } = compareRemovals(removals(0, 0.99));
    const { difference } = utility.testAccuracy;
    assert.ok(Math.abs(value(difference) + 0.05) < 1e-12 && difference.status === 'measured' && difference.high < 0);
    assert.ok(utility.cautions.some((caution) => caution.includes('99.0 %')));
    assert.equal(compareRemovals(removals(0)).utility.cautions.length, utility.cautions.length - 1);
  });
});
