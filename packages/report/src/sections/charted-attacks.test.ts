import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttackResult } from '@engram/contract';
import { measured } from '../fixtures/measured.js';
import { membershipReport } from '../fixtures/membership.js';
import { chartedAttacks } from './charted-attacks.js';

const [attack] = membershipReport().attacks;

function attacks(...aucs: readonly number[]): AttackResult[] {
  return aucs.map((auc, i) => ({
    ...attack,
    attack: `attack${i}`,
    primary: false,
    auc: measured(auc, auc - 0.01, auc + 0.01, 100),
  }));
}

test('draws at most six attacks, those with the largest AUC', () => {
  assert.deepEqual(chartedAttacks(attacks(0.5, 0.9, 0.8, 0.7, 0.6, 0.55, 0.51, 0.52)), [1, 2, 3, 4, 5, 7]);
});

test('draws the primary attack first and the plain loss however weak they are', () => {
  const many = attacks(0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.5, 0.4);
  many[6] = { ...many[6], attack: 'loss' };
  many[7] = { ...many[7], primary: true };
  assert.deepEqual(chartedAttacks(many), [7, 0, 1, 2, 3, 6]);
});

test('draws nothing that only ranks members', () => {
  const [first, second] = attacks(0.9, 0.6);
  assert.deepEqual(chartedAttacks([{ ...first, ranks: 'vulnerability' }, second]), [1]);
});
