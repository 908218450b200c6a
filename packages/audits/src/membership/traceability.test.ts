import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { membershipInformation, membershipTraceability } from '@engram/contract';
import { informationOfGaussianShift } from '@engram/metrics';
import { createRandom } from '@engram/numeric';
import { tracing } from './traceability.js';

/** Gaussian scores, members shifted by so many deviations. */
function traced(shift: number, { side = 2000, aside = 3000 } = {}) {
  const random = createRandom(11);
  const membership = Uint8Array.from({ length: 2 * side }, (_, i) => Number(i < side));
  const scores = Float64Array.from(membership, (member) => random.normal() + shift * member);
  const calibrationScores = Float64Array.from({ length: aside }, () => random.normal());
  const found = tracing({ scoreId: 'lira', scores, membership, calibrationScores, confidence: 0.95, seed: 1 });
  membershipTraceability.parse(found.traceability);
  membershipInformation.parse(found.cmi);
  return found;
}

describe('tracing training records', () => {
  it('counts members traced at each rate against fresh records accused', () => {
    const { traceability } = traced(3);
    const [percent, tenth] = traceability.rates;
    assert.ok(percent.status === 'measured' && tenth.status === 'measured');
    // TPR of a shift of 3 at 1 % and 0.1 %: 0.750 and 0.464, of thresholds that realise those rates about.
    assert.ok(percent.recall.status === 'measured' && Math.abs(percent.recall.value - 0.75) < 0.06);
    assert.ok(tenth.recall.status === 'measured' && Math.abs(tenth.recall.value - 0.464) < 0.15);
    assert.deepEqual([percent.expectedFalseAccusations, percent.traceable], [20, true]);
    assert.ok(percent.tracedAtLeast < 2000 * percent.recall.value);
    assert.match(traceability.statement, /can be traced: at least \d+ of 2000 members/);
  });

  it('finds none traceable where scores know nothing', () => {
    const { traceability, cmi } = traced(0);
    assert.ok(traceability.rates.every((rate) => rate.status === 'measured' && !rate.traceable));
    assert.ok(cmi.status === 'measured' && cmi.bitsPerPair < 0.01);
  });

  it('does not measure tracing without samples set aside, and proves information in one bin', () => {
    const { traceability, cmi } = traced(2, { aside: 0 });
    assert.ok(traceability.rates.every(({ status }) => status === 'notMeasured'));
    assert.match(traceability.statement, /data\.calibration/);
    assert.ok(cmi.status === 'measured' && cmi.bins.length === 1);
    // A pair is told right with probability Phi(2 / sqrt 2) = 0.92135: 1 - h2 = 0.6029 bits, four standard errors 0.08.
    assert.ok(Math.abs(cmi.bitsPerPair - 0.6029) < 0.08, `${cmi.bitsPerPair}`);
  });

  it('proves more by telling sure guesses from unsure ones, and never more than the scores hold', () => {
    const [plain, binned] = [traced(2, { aside: 0 }).cmi, traced(2).cmi];
    assert.ok(plain.status === 'measured' && binned.status === 'measured');
    assert.equal(binned.bins.length, 10);
    assert.ok(binned.bitsPerPair > plain.bitsPerPair);
    assert.ok(binned.bitsPerPair < informationOfGaussianShift(2 * Math.SQRT2) + 0.03);
  });

  it('does not measure information of a few pairs', () => {
    assert.equal(traced(2, { side: 40 }).cmi.status, 'notMeasured');
  });
});
