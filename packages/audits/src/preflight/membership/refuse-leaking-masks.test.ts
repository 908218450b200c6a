import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRequest } from '@engram/contract';
import type { EngramError } from '@engram/domain';
import { dataset } from '../../testing/made-resources.js';
import { decide } from '../decide.js';

const fields = { loss: [], referenceLoss: [], referenceMember: [] } as const;

/** One audit set of 200 members and 200 non-members, by the number of four models each was trained on. */
function settle(members: readonly number[], nonMembers: readonly number[], attacks: readonly string[] | 'default') {
  const request = auditRequest.parse({ data: { auditSet: 'dst_auditset' }, tests: { membership: { attacks } } });
  const auditSet = dataset({
    count: 400,
    fields: { ...fields, member: [] },
    rest: { members: 200, nonMembers: 200, referenceModels: 4, inclusion: { members, nonMembers } },
  });
  return decide('aud_1', request, { datasets: { auditSet } }).decisions.membership?.attacks.map(({ attack }) => attack);
}

test('masks that hold members more often than non-members are refused, with field, numbers and remedy', () => {
  assert.throws(
    () => settle([0, 0, 100, 100, 0], [0, 100, 100, 0, 0], ['loss', 'rmia']),
    (error: EngramError) => {
      assert.equal(error.code, 'ENG_ATTACK_NOT_APPLICABLE');
      assert.deepEqual(
        error.faults.map(({ pointer }) => pointer),
        ['/data/auditSet'],
      );
      // Three quarters of the pairs are ordered 3 over 1, 3 over 2 or 2 over 1, a quarter is tied at 2: AUC = 3/4 + 1/8.
      assert.match(error.message, /referenceMember .* AUC of 0\.875 .* of 4 models, 2\.50 .* member .* 1\.50 .* rmia /);
      assert.match(error.remedy ?? '', /members and non-members alike/);
      return true;
    },
  );
});

test('two datasets are held against each other, at the members', () => {
  const side = (id: string, all: readonly number[]) =>
    dataset({ id, count: 200, fields, rest: { referenceModels: 4, inclusion: { all } } });
  const request = auditRequest.parse({
    data: { members: 'dst_members1', nonMembers: 'dst_nonMembers1' },
    tests: { membership: { attacks: ['rmia'] } },
  });
  const datasets = { members: side('a', [0, 0, 0, 200, 0]), nonMembers: side('b', [0, 200, 0, 0, 0]) };
  assert.throws(
    () => decide('aud_1', request, { datasets }),
    (error: EngramError) => error.faults[0].pointer === '/data/members' && /AUC of 1\.000/.test(error.message),
  );
});

test('masks that tell nothing, attacks that do not use them, and the default suite are not held up', () => {
  assert.deepEqual(settle([0, 50, 100, 50, 0], [0, 49, 101, 50, 0], ['rmia']), ['rmia']);
  assert.deepEqual(settle([0, 0, 0, 200, 0], [0, 200, 0, 0, 0], ['loss']), ['loss']);
  assert.ok((settle([0, 0, 0, 200, 0], [0, 200, 0, 0, 0], 'default') ?? []).length > 0);
});
