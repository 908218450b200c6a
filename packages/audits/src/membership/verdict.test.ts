import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AttackResult, Gate } from '@engram/contract';
import { attackResult, gate, interval, rateAt } from '../testing/made-results.js';
import { concludeMembership, someBeatsBlind } from './verdict.js';

const passed: readonly Gate[] = [gate('blindBaseline', 'pass'), gate('modelSwap', 'pass'), gate('splitHalf', 'pass')];
const blindIs = (outcome: Gate['outcome']) => [gate('blindBaseline', outcome), ...passed.slice(1)];
const conclude = (results: readonly AttackResult[], gates: readonly Gate[] = passed, side = 1000) =>
  concludeMembership(results, gates, { members: side, nonMembers: side, confidence: 0.95 });

const clear = (pValueAgainstBlind: number | null = 0.001): AttackResult =>
  attackResult('lira', interval(0.7, 0.67, 0.73), { pValueAgainstBlind, adjustedPValue: 1e-9 });
const chance = attackResult('loss', interval(0.505, 0.48, 0.53), { adjustedPValue: 0.4 });
const wide = attackResult('loss', interval(0.51, 0.45, 0.57, 400), { adjustedPValue: 0.4 });

describe('the verdict on membership', () => {
  it('is a leak when an attack is above chance after correction', () => {
    const { verdict, statement } = conclude([chance, clear()]);
    assert.equal(verdict, 'leak');
    assert.match(statement, /lira reaches an AUC of 0\.700 \(95 % interval 0\.670 to 0\.730/);
  });

  it('speaks of the attack named beforehand, not of the one that came out best', () => {
    const better = { ...clear(), scoreId: 'fusion', auc: interval(0.8, 0.77, 0.83), primary: false };
    assert.match(conclude([better, { ...clear(), primary: true }]).statement, /: lira reaches an AUC of 0\.700/);
    assert.match(
      conclude([better, { ...chance, primary: true }]).statement,
      /fusion reaches an AUC of 0\.800 .*an exploratory attack, corrected/,
    );
  });

  it('needs the corrected p-value and the interval both, and of an exploratory attack more', () => {
    const withP = (adjustedPValue: number, primary = true) =>
      conclude([{ ...clear(), adjustedPValue, primary }]).verdict;
    assert.deepEqual(
      [0.03, 0.02].map((p) => withP(p)),
      ['inconclusive', 'leak'],
    );
    assert.deepEqual(
      [0.02, 0.01].map((p) => withP(p, false)),
      ['inconclusive', 'leak'],
    );
    assert.notEqual(conclude([{ ...wide, adjustedPValue: 0.01 }]).verdict, 'leak');
  });

  it('is a leak when members are found at a low rate though the AUC is at chance, and says that', () => {
    const result = { ...chance, tprAtFpr: [rateAt(0.01, 0.08, 0.06, 0.099, 1e-5)] };
    const { verdict, statement } = conclude([result]);
    assert.equal(verdict, 'leak');
    assert.match(statement, /loss finds 8 % of members \(at least 6 %\) while accusing 1 % of non-members/);
    assert.doesNotMatch(statement, /AUC/);
  });

  it('is no leak where a rate is within what its false positives explain, though its interval misses the rate', () => {
    assert.equal(conclude([{ ...chance, tprAtFpr: [rateAt(0.01, 0.025, 0.019, 0.03, 0.02)] }]).verdict, 'noLeakFound');
  });

  it('does not take members scored below non-members for safe, and says what to look at', () => {
    const reversed = attackResult('loss', interval(0.04, 0.02, 0.07), { pValue: 1, adjustedPValue: 1 });
    const { verdict, statement, samplesToSettle } = conclude([chance, reversed]);
    assert.deepEqual([verdict, samplesToSettle], ['inconclusive', null]);
    assert.match(statement, /loss reaches an AUC of 0\.040 .*puts members below non-members.*member = 1/);
  });

  it('takes an AUC below one half for chance where chance explains it', () => {
    // 0.999 that members are not above is 0.1 % that they are not below: of thousands of sound audits some would show it.
    const low = attackResult('entropy', interval(0.46, 0.435, 0.485), { pValue: 0.999, adjustedPValue: 1 });
    assert.equal(conclude([chance, low]).verdict, 'noLeakFound');
  });

  it('rules ten times a rate out by the height of the curve there, not at the threshold in use', () => {
    const point = rateAt(0.01, 0.05, 0.03, 0.08);
    const withHeight = (high: number) =>
      conclude([{ ...chance, tprAtFpr: [{ ...point, height: interval(0.05, 0.02, high) }] }]);
    assert.deepEqual(
      [0.099, 0.1].map((high) => withHeight(high).verdict),
      ['noLeakFound', 'inconclusive'],
    );
    assert.match(withHeight(0.1).statement, /10 times chance at a false positive rate of 1 % cannot be ruled out/);
  });

  it('finds no leak only when 0.55 and ten times each rate are ruled out for every attack', () => {
    assert.equal(conclude([chance]).verdict, 'noLeakFound');
    // Two attacks: 1.96 + 2.24 null standard errors within 0.05 from 1,177 on each side.
    const { verdict, statement, samplesToSettle } = conclude([chance, wide], passed, 200);
    assert.equal(verdict, 'inconclusive');
    assert.match(
      statement,
      /up to 0\.570 cannot be ruled out\. 1200 samples on each side would settle it: 1000 more than/,
    );
    assert.equal(samplesToSettle?.perSide, 1200);
    const open = conclude([{ ...chance, tprAtFpr: [rateAt(0.001, 0.003, 0.001, 0.012)] }], passed, 300);
    assert.equal(open.verdict, 'inconclusive');
    assert.match(
      open.statement,
      /10 times chance at a false positive rate of 0\.1 % cannot be ruled out\. \d+ samples/,
    );
  });

  it('asks for no more samples where there were enough', () => {
    assert.match(conclude([wide], passed, 5000).statement, /Audit fresh samples/);
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

  it('counts as beating the blind baseline only attacks that are above chance', () => {
    const weak = { ...chance, pValueAgainstBlind: 0.001 };
    assert.equal(someBeatsBlind([clear(0.001)], 0.05), true);
    assert.equal(someBeatsBlind([clear(0.2)], 0.05), false);
    assert.equal(someBeatsBlind([clear(null)], 0.05), false);
    assert.equal(someBeatsBlind([clear(0.2), weak], 0.05), false);
    // Two attacks at 0.03 each: Holm leaves neither below 0.05.
    assert.equal(someBeatsBlind([clear(0.03), clear(0.03)], 0.05), false);
  });

  it('claims nothing the blind baseline might do too when that had too few samples', () => {
    const { verdict, statement } = conclude([clear(0.2)], blindIs('inconclusive'), 300);
    assert.equal(verdict, 'inconclusive');
    assert.match(
      statement,
      /no better than a classifier that never saw the model.* samples on each side would settle it/,
    );
    assert.equal(conclude([clear(0.001)], blindIs('inconclusive')).verdict, 'leak');
  });

  it('does not need the blind baseline where there was nothing to compare', () => {
    assert.equal(conclude([clear(null)], blindIs('notRun')).verdict, 'leak');
  });
});
