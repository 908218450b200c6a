import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRequest } from '@engram/contract';
import type { EngramError } from '@engram/domain';
import { dataset } from '../../testing/made-resources.js';
import { decide } from '../decide.js';

function settle(saturated: number, attacks: readonly string[] | 'default', logits = false) {
  const request = auditRequest.parse({
    data: { members: 'dst_members1', nonMembers: 'dst_nonMembers1' },
    tests: { membership: { attacks } },
  });
  const fields = {
    probabilities: [3],
    label: [],
    referenceProbabilities: [3],
    referenceMember: [],
    ...(logits ? { logits: [3], referenceLogits: [3] } : {}),
  };
  const made = (id: string, rows: number) =>
    dataset({ id, fields, rest: { referenceModels: 16, ...(rows > 0 ? { saturated: rows } : {}) } });
  const datasets = { members: made('members', saturated), nonMembers: made('nonMembers', 0) };
  return decide('aud_1', request, { datasets }).decisions.membership?.attacks.map(({ attack }) => attack);
}

test('probabilities that are certain in more than one row of twenty are refused, with field, count and remedy', () => {
  // 2,000 rows: 100 are 5 %.
  assert.deepEqual(settle(100, ['lira']), ['lira']);
  assert.throws(
    () => settle(101, ['lira']),
    (error: EngramError) => {
      assert.equal(error.code, 'ENG_SATURATED_OUTPUTS');
      assert.deepEqual(
        error.faults.map(({ pointer }) => pointer),
        ['/data/members'],
      );
      assert.match(error.message, /probabilities: 101 of 1000 rows .* lira/);
      assert.match(error.remedy ?? '', /Give logits instead/);
      return true;
    },
  );
});

test('attacks that rank by loss, logits, and the default suite are not held up', () => {
  assert.deepEqual(settle(900, ['loss']), ['loss']);
  assert.deepEqual(settle(900, ['lira'], true), ['lira']);
  assert.ok((settle(900, 'default') ?? []).length > 0);
});
