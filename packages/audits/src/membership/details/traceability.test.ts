import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { membershipInformation, membershipTraceability } from '@engram/contract';
import { informationOfGaussianShift, informationOfGuesses } from '@engram/metrics';
import { createRandom, normalCdf } from '@engram/numeric';
import { informationOverTrainings, tracing } from './traceability.js';

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

describe('what retrained targets prove', () => {
  const side = 400;
  const membership = Uint8Array.from({ length: 2 * side }, (_, i) => Number(i < side));
  const noise = createRandom(3);
  /** One training: Gaussian scores of members shifted by so many deviations, and no samples set aside. */
  const training = (shift: number) => Float64Array.from(membership, (member) => noise.normal() + shift * member);
  const prove = (scores: readonly Float64Array[], seed = 1) =>
    informationOverTrainings({ scores, membership, confidence: 0.95, seed });

  it('is the mean over them with an interval that holds the information of such guesses 19 times of 20', () => {
    // The higher score of a pair is the member's with probability Phi(2 / sqrt 2) = 0.921350: 0.602597 bits.
    const truth = informationOfGuesses([{ guesses: 1, accuracy: normalCdf(Math.SQRT2) }]);
    assert.ok(Math.abs(truth - 0.602597) < 1e-6);
    let covered = 0;
    let sum = 0;
    const audits = 200;
    for (let audit = 0; audit < audits; audit += 1) {
      const over = prove(
        Array.from({ length: 5 }, () => training(2)),
        audit,
      );
      assert.ok(over.status === 'measured' && over.n === 5 && over.method === 'normal');
      sum += over.value;
      covered += Number(over.low <= truth && truth <= over.high);
    }
    // Four standard errors of a share of 0.95 of 200: 0.062; of a mean of 1,000 models of 400 pairs (0.038 each): 0.005.
    assert.ok(covered / audits > 0.95 - 0.062, `${covered}`);
    assert.ok(Math.abs(sum / audits - truth) < 0.005, `${sum / audits}`);
  });

  it('is kept within a bit and nothing', () => {
    const none = prove(Array.from({ length: 4 }, () => training(0)));
    assert.ok(none.status === 'measured' && none.low === 0 && none.value < 0.01);
  });

  it('has no interval of one model, of models that agree to the last bit, or of a few pairs', () => {
    const perfect = Float64Array.from(membership);
    assert.equal(prove([training(1)]).status, 'notMeasured');
    const alike = prove([perfect, perfect, perfect]);
    assert.ok(
      alike.status === 'notMeasured' && /all 3 retrained targets prove the same 0\.998 bits/.test(alike.reason),
    );
    const few = informationOverTrainings({
      scores: [perfect.subarray(side - 40, side + 40)],
      membership: membership.subarray(side - 40, side + 40),
      confidence: 0.95,
      seed: 1,
    });
    assert.ok(few.status === 'notMeasured' && /50 pairs/.test(few.reason));
  });
});
