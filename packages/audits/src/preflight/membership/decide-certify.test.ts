import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditRequest } from '@engram/contract';
import type { EngramError } from '@engram/domain';
import { classifier, dataset } from '../../testing/made-resources.js';
import { decide } from '../decide.js';

function settle(certify: object | null, calibration: number) {
  const data = {
    members: 'dst_members1',
    nonMembers: 'dst_nonMembers1',
    ...(calibration > 0 ? { calibration: 'dst_calibration' } : {}),
  };
  const request = auditRequest.parse({ data, tests: { membership: { attacks: ['loss'], certify } } });
  const made = (id: string, count: number) => dataset({ id, count });
  const datasets = {
    members: made('members', 1000),
    nonMembers: made('nonMembers', 1000),
    ...(calibration > 0 ? { calibration: made('calibration', calibration) } : {}),
  };
  return decide('aud_1', request, { datasets, model: classifier() }).decisions.membership?.certify;
}

test('a list is drawn at 5 % unless said otherwise, and only when asked for', () => {
  assert.deepEqual(settle({}, 1000), { fdr: 0.05 });
  assert.equal(settle(null, 1000), null);
});

test('a list without samples set aside is refused, with how many it takes', () => {
  assert.throws(
    () => settle({ fdr: 0.05 }, 0),
    (error: EngramError) => {
      assert.equal(error.code, 'ENG_REQUEST_INVALID');
      assert.deepEqual(
        error.faults.map(({ pointer }) => pointer),
        ['/tests/membership/certify'],
      );
      // 2,000 judged, 1,000 of them members: 2000 / (0.05 x 1000) - 1.
      assert.match(error.remedy ?? '', /at least 39 non-members/);
      return true;
    },
  );
});

test('too few samples set aside are refused where no p-value can be small enough', () => {
  assert.throws(
    () => settle({ fdr: 0.02 }, 98),
    (error: EngramError) => {
      assert.equal(error.code, 'ENG_INSUFFICIENT_SAMPLES');
      assert.deepEqual(
        error.faults.map(({ pointer }) => pointer),
        ['/data/calibration'],
      );
      assert.match(error.message, /needs at least 99 calibration samples, got 98/);
      return true;
    },
  );
  assert.deepEqual(settle({ fdr: 0.02 }, 99), { fdr: 0.02 });
});
