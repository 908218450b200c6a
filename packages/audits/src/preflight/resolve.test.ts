import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dataset } from '../testing/made-resources.js';
import { itRefuses, members, nonMembers, settle } from '../testing/settle.js';

describe('joining request and data', () => {
  itRefuses([
    [
      'fewer than twenty samples on a side',
      { datasets: { members: dataset({ id: 'members', count: 19 }), nonMembers } },
      'ENG_INSUFFICIENT_SAMPLES',
      ['/data/members'],
    ],
    [
      'an audit set without a member field',
      { datasets: { auditSet: dataset({ id: 'both' }) } },
      'ENG_ONE_CLASS_ONLY',
      ['/data/auditSet'],
    ],
    [
      'the same samples as members and non-members',
      { datasets: { members, nonMembers: dataset({ id: 'members' }) } },
      'ENG_REQUEST_INVALID',
      ['/data/nonMembers'],
    ],
    [
      'a population that is the non-members',
      { datasets: { members, nonMembers, population: nonMembers } },
      'ENG_REQUEST_INVALID',
      ['/data/population'],
    ],
    [
      'members set aside to calibrate on',
      { datasets: { members, nonMembers, calibration: dataset({ id: 'c', rest: { members: 2, nonMembers: 998 } }) } },
      'ENG_REQUEST_INVALID',
      ['/data/calibration'],
    ],
  ]);

  it('judges an audit set by its member field', () => {
    const both = dataset({ id: 'both', count: 900, rest: { members: 400, nonMembers: 500 } });
    assert.deepEqual(settle({ datasets: { auditSet: both } }).membership!.fpr, [0.1, 0.01]);
  });

  it('says how many rows count twice', () => {
    const repeated = dataset({ id: 'members', rest: { duplicates: 3 } });
    const { notices } = settle({ datasets: { members: repeated, nonMembers } });
    assert.ok(notices.some((notice) => notice.startsWith('3 of 1000 rows of members')));
  });
});
