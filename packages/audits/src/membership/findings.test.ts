import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { finding } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { attackResult, gate, interval, rateAt } from '../testing/made-results.js';
import { membershipFindings } from './findings.js';

const sound = [gate('blindBaseline', 'pass'), gate('modelSwap', 'pass'), gate('splitHalf', 'pass')];
const control = interval(0.01, 0.005, 0.02);
const withAuc = (auc: Measured, rates: readonly ReturnType<typeof rateAt>[] = []) => ({
  result: attackResult('lira', auc, { tprAtFpr: [...rates] }),
  controlRates: rates.map(() => control),
});
const aboveChance = withAuc(interval(0.7, 0.67, 0.73), [rateAt(0.1, 0.4, 0.35, 0.45), rateAt(0.01, 0.2, 0.15, 0.25)]);

describe('findings of membership', () => {
  it('claim nothing of membership when the audit is invalid, only why', () => {
    const gates = [gate('blindBaseline', 'fail'), gate('modelSwap', 'warn'), gate('splitHalf', 'pass')];
    const found = membershipFindings('invalid', [aboveChance], gates);
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
      assert.deepEqual(membershipFindings(verdict, [aboveChance], sound), []);
  });

  it('are graded by the lower end of the interval, most severe first', () => {
    const severityOf = (low: number) =>
      membershipFindings('leak', [withAuc(interval(low + 0.02, low, 0.9))], sound)[0]?.severity;
    assert.deepEqual([0.7, 0.69, 0.6, 0.59, 0.51, 0.5].map(severityOf), [
      'high',
      'medium',
      'medium',
      'low',
      'low',
      undefined,
    ]);
    const found = membershipFindings('leak', [aboveChance], sound);
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

  it('say rates in percent, set the control beside them, and fit the contract', () => {
    const found = membershipFindings('leak', [aboveChance], sound);
    for (const one of found) finding.parse(one);
    const rate = found.find(({ id }) => id.endsWith('@0.01'))!;
    assert.match(
      rate.statement,
      /Accusing 1 % of non-members wrongly, lira identifies 20\.0 % of members \(20\.0 times chance\)/,
    );
    assert.deepEqual(rate.control, control);
  });

  it('mark attacks that were not named beforehand', () => {
    const exploratory = { ...aboveChance, result: { ...aboveChance.result, primary: false } };
    for (const { statement } of membershipFindings('leak', [exploratory], sound))
      assert.match(statement, /Exploratory/);
  });
});
