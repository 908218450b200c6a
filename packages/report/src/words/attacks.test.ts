import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attackLabel, attackLabels, attackName, briefAttackLabels } from './attacks.js';

test('an attack is named with the settings that tell it from others', () => {
  assert.equal(
    attackLabel({ attack: 'lira', params: { mode: 'offline', variance: 'perSample', gamma: 2 } }),
    'LiRA, offline, per-sample variance',
  );
  for (const [probability, label] of [
    ['softmax', 'RMIA, online'],
    ['taylor', 'RMIA, online, taylor probability'],
  ] as const)
    assert.equal(attackLabel({ attack: 'rmia', params: { mode: 'online', probability } }), label);
});

test('an attack without words here goes by its id, even one named like an object member', () => {
  assert.equal(attackName('constructor'), 'constructor');
});

test('attacks that would read alike are told apart by their score', () => {
  const attack = { attack: 'rmia', params: {} };
  assert.deepEqual(
    attackLabels([
      { ...attack, scoreId: 'rmia-1' },
      { ...attack, scoreId: 'rmia-2' },
      { attack: 'loss', params: {}, scoreId: 'loss' },
    ]),
    ['RMIA (rmia-1)', 'RMIA (rmia-2)', 'Loss threshold'],
  );
});

test('in pictures an attack goes by its name alone, unless there are two of it', () => {
  const attacks = [
    { attack: 'lira', params: { mode: 'online' }, scoreId: 'lira' },
    { attack: 'rmia', params: { mode: 'online' }, scoreId: 'rmia' },
    { attack: 'rmia', params: { mode: 'offline' }, scoreId: 'rmia-offline' },
  ];
  assert.deepEqual(briefAttackLabels(attacks), ['LiRA', 'RMIA, online', 'RMIA, offline']);
});
