import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { membershipAttackRequest, parseAttackRequest } from './attack-request.js';

test('an id alone takes every default and names its column by itself', () => {
  const attack = parseAttackRequest('lira');
  assert.equal(attack.scoreId, 'lira');
  assert.deepEqual(attack.params, { mode: 'online', variance: 'moderated', location: 'auto', queries: 1 });
});

test('a column is named by what differs from the defaults', () => {
  assert.equal(
    parseAttackRequest({ attack: 'lira', mode: 'offline', variance: 'global' }).scoreId,
    'lira-offline-global',
  );
  assert.equal(
    parseAttackRequest({ attack: 'rmia', mode: 'offline', offlineA: 0.6 }).scoreId,
    'rmia-offline-offlineA0_6',
  );
  assert.equal(parseAttackRequest({ attack: 'rmia', offlineA: 0.3, gamma: 2 }).scoreId, 'rmia');
});

test('an unknown attack is refused with the known ones and where it stands', () => {
  for (const [request, pointer] of [
    ['lyra', '/attacks/0'],
    [{ attack: 'lyra' }, '/attacks/0/attack'],
    [17, '/attacks/0'],
    [{}, '/attacks/0/attack'],
  ] as const)
    assert.throws(
      () => parseAttackRequest(request, '/attacks/0'),
      (error: unknown) =>
        error instanceof EngramError &&
        error.code === 'ENG_REQUEST_INVALID' &&
        error.faults[0].pointer === pointer &&
        error.message.includes('modifiedEntropy'),
    );
});

test('an ill-typed or unknown parameter is refused with its pointer', () => {
  const pointers = (request: unknown) => {
    try {
      parseAttackRequest(request, '/tests/membership/attacks/2');
      return [];
    } catch (error) {
      assert.ok(error instanceof EngramError && error.code === 'ENG_REQUEST_INVALID');
      return error.faults.map((fault) => fault.pointer);
    }
  };
  assert.deepEqual(pointers({ attack: 'lira', mode: 'sideways' }), ['/tests/membership/attacks/2/mode']);
  assert.deepEqual(pointers({ attack: 'rmia', offlineA: 2 }), ['/tests/membership/attacks/2/offlineA']);
  assert.deepEqual(pointers({ attack: 'loss', mode: 'online' }), ['/tests/membership/attacks/2']);
});

test('the request schema takes what the parser takes, and refuses what it refuses', () => {
  for (const [request, fits] of [
    ['lira', true],
    [{ attack: 'lira', mode: 'offline' }, true],
    [{ attack: 'base', offlineScale: 0.5 }, true],
    ['clairvoyance', false],
    [{ attack: 'lira', mode: 'sideways' }, false],
    [{ attack: 'loss', mode: 'online' }, false],
    [null, false],
  ] as const) {
    assert.equal(membershipAttackRequest.safeParse(request).success, fits, JSON.stringify(request));
    if (fits) assert.doesNotThrow(() => parseAttackRequest(request));
    else assert.throws(() => parseAttackRequest(request), EngramError);
  }
});
