import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Gate } from '@engram/contract';
import { attackResult, gate, interval, rateAt } from '../testing/made-results.js';
import { concludeMembership, type Evidence } from './verdict.js';

const passed: readonly Gate[] = [gate('blindBaseline', 'pass'), gate('modelSwap', 'pass'), gate('splitHalf', 'pass')];
const blindIs = (outcome: Gate['outcome']) => [gate('blindBaseline', outcome), ...passed.slice(1)];
const conclude = (evidence: readonly Evidence[], gates = passed) => concludeMembership(evidence, gates, 0.95);

const clear = (pValueAgainstBlind: number | null = 0.001): Evidence => ({
  result: attackResult('lira', interval(0.7, 0.67, 0.73), { pValueAgainstBlind }),
  pValue: 1e-9,
});
const chance: Evidence = { result: attackResult('loss', interval(0.505, 0.48, 0.53)), pValue: 0.4 };
const wide: Evidence = { result: attackResult('loss', interval(0.51, 0.45, 0.57, 400)), pValue: 0.4 };

describe('the verdict on membership', () => {
  it('is a leak when an attack is above chance after correction', () => {
    const { verdict, statement } = conclude([chance, clear()]);
    assert.equal(verdict, 'leak');
    assert.match(statement, /lira reaches an AUC of 0\.700 \(95 % interval 0\.670 to 0\.730/);
  });

  it('needs the corrected p-value and the interval both', () => {
    const { result } = clear();
    assert.notEqual(conclude([{ result, pValue: 0.06 }]).verdict, 'leak');
    assert.notEqual(conclude([{ result: wide.result, pValue: 0.01 }]).verdict, 'leak');
  });

  it('is a leak when members are found at a low rate though the AUC is at chance, and says that', () => {
    const result = attackResult('lira', interval(0.505, 0.48, 0.53), { tprAtFpr: [rateAt(0.01, 0.08, 0.06, 0.1)] });
    const { verdict, statement } = conclude([{ result, pValue: 0.4 }]);
    assert.equal(verdict, 'leak');
    assert.match(statement, /finds 8 % of members \(at least 6 %\) while accusing 1 % of non-members/);
    assert.doesNotMatch(statement, /AUC/);
  });

  it('is no leak where a rate is within what its false positives explain', () => {
    const result = attackResult('lira', interval(0.505, 0.48, 0.53), { tprAtFpr: [rateAt(0.01, 0.025, 0.019, 0.03)] });
    assert.equal(conclude([{ result, pValue: 0.4 }]).verdict, 'noLeakFound');
  });

  it('finds no leak only when 0.55 is ruled out for every attack', () => {
    assert.equal(conclude([chance]).verdict, 'noLeakFound');
    const { verdict, statement } = conclude([chance, wide]);
    assert.equal(verdict, 'inconclusive');
    // (0.57 - 0.51) / (0.55 - 0.51) = 1.5; 1.5^2 x 200 per side = 450.
    assert.match(statement, /up to 0\.570 cannot be ruled out\. About 500 samples on each side/);
  });

  it('names no number of samples where the estimate itself is at the limit', () => {
    const result = attackResult('loss', interval(0.545, 0.49, 0.6, 400));
    const { verdict, statement } = conclude([{ result, pValue: 0.06 }]);
    assert.equal(verdict, 'inconclusive');
    assert.doesNotMatch(statement, /would settle/);
  });

  it('is inconclusive when no attack could run', () => {
    assert.equal(conclude([]).verdict, 'inconclusive');
  });

  for (const name of ['blindBaseline', 'modelSwap', 'splitHalf'] as const)
    it(`is invalid when ${name} fails, however clear the evidence`, () => {
      const gates = passed.map((one) => (one.gate === name ? gate(name, 'fail') : one));
      assert.equal(conclude([clear()], gates).verdict, 'invalid');
      assert.equal(conclude([chance], gates).verdict, 'invalid');
    });

  it('is invalid on a blind warning unless some detecting attack beats the blind baseline', () => {
    assert.equal(conclude([clear(0.2)], blindIs('warn')).verdict, 'invalid');
    assert.equal(conclude([clear(null)], blindIs('warn')).verdict, 'invalid');
    assert.equal(conclude([clear(0.001)], blindIs('warn')).verdict, 'leak');
  });

  it('is not decided by an attack that beats the blind baseline without being above chance', () => {
    const weak: Evidence = { result: { ...chance.result, pValueAgainstBlind: 0.001 }, pValue: 0.4 };
    assert.equal(conclude([clear(0.2), weak], blindIs('warn')).verdict, 'invalid');
  });

  it('claims nothing the blind baseline might do too when that had too few samples', () => {
    const { verdict, statement } = conclude([clear(0.2)], blindIs('inconclusive'));
    assert.equal(verdict, 'inconclusive');
    assert.match(statement, /no better than a classifier that never saw the model/);
    assert.equal(conclude([clear(0.001)], blindIs('inconclusive')).verdict, 'leak');
  });

  it('does not need the blind baseline where there was nothing to compare', () => {
    assert.equal(conclude([clear(null)], blindIs('notRun')).verdict, 'leak');
  });
});
