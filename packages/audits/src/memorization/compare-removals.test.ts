import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onionReport } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { compareRemovals, type Removals } from './compare-removals.js';

const members = 100;
const layer = 10;
const tests = 200;
const value = (measured: Measured) => (measured.status === 'measured' ? measured.value : Number.NaN);

/** Members ranked by row, the first most exposed; without the exposed, the next `rising` move up by 20. */
function removals(rising: number, { training = 1, nearDuplicates = 0 } = {}): Removals {
  const random = createRandom(5);
  const before = Float64Array.from({ length: members }, (_, i) => members - i);
  const jitter = () => before.map((exposure) => exposure + random.normal());
  const withoutExposed = jitter().map((exposure, i) => (i >= layer && i < layer + rising ? exposure + 20 : exposure));
  const withoutRandom = jitter();
  withoutExposed.fill(Number.NaN, 0, layer);
  withoutRandom.fill(Number.NaN, members - layer);
  const around = (centre: number) => Float64Array.from({ length: 5 }, (_, i) => centre + 0.002 * (i - 2));
  const arm = (right: number) => ({
    test: around(right / tests),
    training: new Float64Array(5).fill(training),
    perTest: Float64Array.from({ length: tests }, (_, i) => Number(i < right)),
  });
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
      exposed: arm(160),
      random: arm(170),
    },
    nearDuplicates: { count: nearDuplicates, judged: tests },
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
    const { utility } = compareRemovals(removals(0, { training: 0.99 }));
    const { difference } = utility.testAccuracy;
    assert.ok(Math.abs(value(difference) + 0.05) < 1e-12 && difference.status === 'measured' && difference.high < 0);
    assert.equal(utility.cautions.length, 1);
    assert.match(utility.cautions[0], /99\.0 %/);
    assert.deepEqual(compareRemovals(removals(0)).utility.cautions, []);
  });

  it('tells the cost over seeds and over non-members, each with the interval of its own', () => {
    const { testAccuracy, testAccuracyOverSamples, necessity } = compareRemovals(removals(0)).utility;
    // Seeds: 0.798 … 0.802 and 0.848 … 0.852 with steps of 0.002, deviation 0.002 sqrt(2.5), t of 8 degrees 2.306.
    const half = 2.306004 * Math.sqrt((2 * 0.002 ** 2 * 2.5) / 5);
    assert.ok(testAccuracy.difference.status === 'measured');
    assert.ok(Math.abs(testAccuracy.difference.high - (-0.05 + half)) < 1e-8);
    // Ten of 200 non-members are lost: deviation sqrt(0.05 0.95 200 / 199), t of 199 degrees 1.971957.
    const over = 1.971957 * Math.sqrt((0.05 * 0.95) / 199);
    assert.ok(testAccuracyOverSamples?.status === 'measured' && testAccuracyOverSamples.n === tests);
    assert.ok(Math.abs(testAccuracyOverSamples.high - (-0.05 + over)) < 1e-7);
    assert.equal(necessity?.outcome, 'shown');
    assert.equal(compareRemovals(removals(0, { nearDuplicates: 1 })).utility.necessity?.outcome, 'notClaimed');
  });
});
