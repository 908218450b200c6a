import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError, type ErrorCode } from '@engram/domain';
import { canarySpaceOf, canaryText, enumerateSecrets, sampleSecrets, spaceBits } from './canary-space.js';

const refused = (code: ErrorCode) => (error: unknown) => error instanceof EngramError && error.code === code;
const digits = (length: number) => ({ alphabet: '0123456789', length, template: 'my number is {secret}.' });

test('nine digits are 29.897 bits', () => {
  assert.equal(spaceBits(digits(9)).toFixed(3), '29.897');
});

test('a small space is enumerated once and in order', () => {
  const secrets = [...enumerateSecrets({ alphabet: 'ab', length: 3, template: '{secret}' })];
  assert.deepEqual(secrets, ['aaa', 'aab', 'aba', 'abb', 'baa', 'bab', 'bba', 'bbb']);
});

test('references are distinct, of the space, none of the excluded, and fixed by the seed', () => {
  for (const length of [2, 9]) {
    const planted = new Set(sampleSecrets(digits(length), 20, 1));
    const references = sampleSecrets(digits(length), 60, 2, planted);
    assert.equal(new Set(references).size, 60);
    assert.ok(
      references.every((secret) => !planted.has(secret) && /^[0-9]+$/.test(secret) && secret.length === length),
    );
    assert.deepEqual(sampleSecrets(digits(length), 60, 2, planted), references);
    assert.notDeepEqual(sampleSecrets(digits(length), 60, 3, planted), references);
  }
});

test('a whole space can be drawn, and not one secret more', () => {
  assert.equal(new Set(sampleSecrets(digits(2), 100, 1)).size, 100);
  assert.throws(() => sampleSecrets(digits(2), 100, 1, new Set(['07'])), refused('ENG_INSUFFICIENT_SAMPLES'));
});

test('every digit is equally likely at every place', () => {
  const counts = new Int32Array(20);
  for (const secret of sampleSecrets(digits(9), 20_000, 5)) {
    counts[Number(secret[0])] += 1;
    counts[10 + Number(secret[8])] += 1;
  }
  // 2,000 expected, standard deviation 42.
  for (const count of counts) assert.ok(Math.abs(count - 2000) < 5 * 42, String(count));
});

test('a planted text gives back its space', () => {
  const space = canarySpaceOf('call 5550 now', '5550', '0123456789');
  assert.deepEqual(space, { alphabet: '0123456789', length: 4, template: 'call {secret} now' });
  assert.equal(canaryText(space, '$&12'), 'call $&12 now');
});

test('impossible spaces and canaries are refused without quoting them', () => {
  for (const space of [
    { ...digits(3), alphabet: '00' },
    { ...digits(3), alphabet: '' },
    digits(0),
    { ...digits(3), template: 'no place' },
    { ...digits(3), template: '{secret}{secret}' },
  ])
    assert.throws(() => spaceBits(space), refused('ENG_REQUEST_INVALID'));
  for (const [text, secret] of [
    ['nothing', '123'],
    ['123 123', '123'],
    ['a12', 'a12'],
    ['x', ''],
  ])
    assert.throws(
      () => canarySpaceOf(text, secret, '0123456789'),
      (error: unknown) => refused('ENG_REQUEST_INVALID')(error) && !String(error).includes('123'),
    );
});
