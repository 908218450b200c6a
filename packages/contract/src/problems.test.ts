import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { errorOf, problem, problemOf, problemOfTask } from './problems.js';

test('a problem carries code, pointers and the remedy of its error', () => {
  const error = new EngramError('ENG_ONE_CLASS_ONLY', 'expected members and non-members, got 40 members', {
    remedy: 'Add non-members.',
    faults: [{ pointer: '/data/auditSet', message: 'holds members only' }],
  });
  const body = problemOf(error, { instance: '/v1/audits', requestId: 'req-1' });
  assert.deepEqual(problem.parse(body), body);
  assert.deepEqual(body, {
    type: '/docs/errors#eng_one_class_only',
    title: 'Only one class is present',
    status: 422,
    detail: 'expected members and non-members, got 40 members',
    instance: '/v1/audits',
    code: 'ENG_ONE_CLASS_ONLY',
    errors: [{ pointer: '/data/auditSet', message: 'holds members only' }],
    remedy: 'Add non-members.',
    requestId: 'req-1',
  });
});

test('a problem without a remedy of its own has the remedy of its code', () => {
  assert.match(problemOf(new EngramError('ENG_IN_USE', 'used by aud_1')).remedy, /finish|cancel/);
});

test('the message of an internal error stays out of the answer to a request but not out of an audit', () => {
  const error = new EngramError('ENG_INTERNAL', 'cannot open /var/lib/secret');
  assert.doesNotMatch(problemOf(error).detail, /secret/);
  assert.match(problemOfTask(error).detail, /secret/);
});

test('a client gets back the error a problem was made from', () => {
  const error = new EngramError('ENG_IN_USE', 'used by one audit', { remedy: 'Cancel it.' });
  const back = errorOf(problemOf(error));
  assert.equal(back.code, 'ENG_IN_USE');
  assert.equal(back.message, 'used by one audit');
  assert.equal(back.remedy, 'Cancel it.');
});
