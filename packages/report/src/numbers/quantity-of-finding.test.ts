import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Finding, quantityKinds } from '@engram/contract';
import { fullReport } from '../fixtures/full-report.js';
import { quantityOfFinding, readingOfFinding } from './quantity-of-finding.js';

const findingOf = (quantity: Partial<NonNullable<Finding['quantity']>>): Finding => ({
  ...fullReport().findings[0],
  quantity: { kind: 'rate', unit: 'fraction', direction: 'higherIsWorse', chance: null, ...quantity },
});

test('a finding is written in what it says it counts, each kind in its own way', () => {
  assert.deepEqual(
    quantityKinds.map((kind) => quantityOfFinding(findingOf({ kind }))),
    ['auc', 'rate', 'bits', 'correlation', 'gap', 'points'],
  );
});

test('a finding tells which way its number is read, and what chance is where it is known', () => {
  assert.equal(readingOfFinding(findingOf({ kind: 'auc', chance: 0.5 })), 'AUC: higher is worse, chance is 0.5');
  assert.equal(readingOfFinding(findingOf({ chance: 0.001 })), 'Share: higher is worse, chance is 0.1%');
  assert.equal(readingOfFinding(findingOf({})), 'Share: higher is worse');
  assert.equal(
    readingOfFinding(findingOf({ kind: 'correlation', direction: 'higherIsBetter', chance: 0 })),
    'Rank correlation: higher is better, chance is 0',
  );
});

test('a finding stored before it told what it counts is a bare number, whatever its id looks like', () => {
  const { quantity: _told, ...stored } = findingOf({});
  assert.equal(quantityOfFinding({ ...stored, id: 'membership.lira.auc' }), 'number');
  assert.equal(readingOfFinding({ ...stored, id: 'membership.lira.auc' }), null);
});
