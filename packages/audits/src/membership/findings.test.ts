import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Gate } from '@engram/contract';
import { finding } from '@engram/contract';
import type { Measured, Verdict } from '@engram/domain';
import { attackResult, gate, interval, rateAt } from '../testing/made-results.js';
import { type ControlledAttack, membershipFindings } from './findings.js';

const sound = [gate('blindBaseline', 'pass'), gate('modelSwap', 'pass'), gate('splitHalf', 'pass')];
const control = interval(0.01, 0.005, 0.02);
const withAuc = (auc: Measured, rates: readonly ReturnType<typeof rateAt>[] = []) => ({
  result: attackResult('lira', auc, { adjustedPValue: 1e-6, tprAtFpr: [...rates] }),
  controlRates: rates.map(() => control),
});
const aboveChance = withAuc(interval(0.7, 0.67, 0.73), [
  rateAt(0.1, 0.4, 0.35, 0.45, 1e-6),
  rateAt(0.01, 0.2, 0.15, 0.25, 1e-6),
]);

const findingsOf = (verdict: Verdict, attacks: readonly ControlledAttack[], gates: readonly Gate[]) =>
  membershipFindings(verdict, attacks, gates, 0.95);

describe('findings of membership', () => {
  it('claim nothing of membership when the audit is invalid, only why', () => {
    const gates = [gate('blindBaseline', 'fail'), gate('modelSwap', 'warn'), gate('splitHalf', 'pass')];
    const found = findingsOf('invalid', [aboveChance], gates);
    assert.deepEqual(
      found.map(({ id, severity }) => [id, severity]),
      [
        ['membership.gate.blindBaseline', 'high'],
        ['membership.gate.modelSwap', 'medium'],
      ],
    );
  });

  it('claim nothing without a leak, though some interval misses chance', () => {
    for (const verdict of ['noLeakFound', 'inconclusive'] as const)
      assert.deepEqual(findingsOf(verdict, [aboveChance], sound), []);
  });

  it('are graded by the lower end of the interval, most severe first', () => {
    const severityOf = (low: number) =>
      findingsOf('leak', [withAuc(interval(low + 0.02, low, 0.9))], sound)[0]?.severity;
    assert.deepEqual([0.7, 0.69, 0.6, 0.59, 0.51, 0.5].map(severityOf), [
      'high',
      'medium',
      'medium',
      'low',
      'low',
      undefined,
    ]);
    const found = findingsOf('leak', [aboveChance], sound);
    assert.deepEqual(
      found.map(({ id, severity }) => [id, severity]),
      [
        // 0.15 / 0.01 is fifteen times chance, 0.35 / 0.1 three and a half; the AUC's lower end is 0.67.
        ['membership.lira.tpr@0.01', 'high'],
        ['membership.lira.auc', 'medium'],
        ['membership.lira.tpr@0.1', 'medium'],
      ],
    );
  });

  it('leave out what does not stand after correction for the number of attacks and rates', () => {
    const weak = { ...aboveChance.result, adjustedPValue: 0.03 };
    const ids = (result: typeof weak) => findingsOf('leak', [{ ...aboveChance, result }], sound).map(({ id }) => id);
    assert.ok(!ids({ ...weak, primary: true }).includes('membership.lira.auc'));
    // Half of the error belongs to the attack named beforehand, a quarter to the others.
    assert.ok(ids({ ...weak, adjustedPValue: 0.02 }).includes('membership.lira.auc'));
    assert.ok(!ids({ ...weak, adjustedPValue: 0.02, primary: false }).includes('membership.lira.auc'));
    const points = weak.tprAtFpr.map((point) => ({ ...point, adjustedPValue: 0.02 }));
    assert.deepEqual(ids({ ...weak, tprAtFpr: points }), []);
  });

  it('say rates in percent, set the control beside them, and fit the contract', () => {
    const found = findingsOf('leak', [aboveChance], sound);
    for (const one of found) finding.parse(one);
    const rate = found.find(({ id }) => id.endsWith('@0.01'))!;
    assert.match(
      rate.statement,
      /Accusing 1 % of non-members wrongly, lira identifies 20\.0 % of members \(20\.0 times chance\)/,
    );
    assert.deepEqual(rate.control, control);
  });

  it('say what their numbers count, and what chance is for each', () => {
    const counted = findingsOf('leak', [aboveChance], sound).map(({ id, quantity }) => [
      id,
      quantity.kind,
      quantity.direction,
      quantity.chance,
    ]);
    assert.deepEqual(counted, [
      ['membership.lira.tpr@0.01', 'rate', 'higherIsWorse', 0.01],
      ['membership.lira.auc', 'auc', 'higherIsWorse', 0.5],
      ['membership.lira.tpr@0.1', 'rate', 'higherIsWorse', 0.1],
    ]);
    const gates = (['blindBaseline', 'sharedSamples', 'modelSwap', 'splitHalf'] as const).map((id) => gate(id, 'fail'));
    assert.deepEqual(
      findingsOf('invalid', [], gates).map(({ quantity }) => [quantity.kind, quantity.direction, quantity.chance]),
      [
        ['auc', 'higherIsWorse', 0.5],
        ['rate', 'higherIsWorse', 0],
        ['auc', 'awayFromChanceIsWorse', 0.5],
        ['auc', 'awayFromChanceIsWorse', 0.5],
      ],
    );
  });

  it('mark attacks that were not named beforehand', () => {
    const exploratory = { ...aboveChance, result: { ...aboveChance.result, primary: false } };
    for (const { statement } of findingsOf('leak', [exploratory], sound)) assert.match(statement, /Exploratory/);
  });
});
