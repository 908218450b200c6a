import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AuditRequestInput, auditRequest } from '@engram/contract';
import type { EngramError, StoredDataset } from '@engram/domain';
import type { DataRole } from '../../resources.js';
import { dataset } from '../../testing/made-resources.js';
import { decide } from '../decide.js';

type Attacks = NonNullable<NonNullable<AuditRequestInput['tests']['membership']>['attacks']>;

function settle(datasets: Partial<Record<DataRole, StoredDataset>>, attacks: Attacks = 'default') {
  const request = auditRequest.parse({
    data: { members: 'dst_members1', nonMembers: 'dst_nonMembers1' },
    tests: { membership: { attacks } },
  });
  const { decisions } = decide('aud_1', request, { datasets });
  return { chosen: decisions.membership!.attacks.map(({ scoreId }) => scoreId), notices: decisions.notices };
}

const masked = ['referenceLoss', 'referenceMember'] as const;

/** Recorded losses; `all`: on how many samples 0, 1, … reference models were trained. */
function recorded(id: string, all: readonly number[], fields: readonly (typeof masked)[number][] = masked) {
  const count = all.reduce((sum, samples) => sum + samples, 0);
  return dataset({
    id,
    count,
    fields: { loss: [], ...Object.fromEntries(fields.map((field) => [field, [count]])) },
    rest: {
      referenceModels: all.length - 1,
      ...(fields.includes('referenceMember') ? { inclusion: { all } } : {}),
    },
  });
}

const sides = (all: readonly number[], fields: readonly (typeof masked)[number][] = masked) => ({
  members: recorded('m', all, fields),
  nonMembers: recorded('n', all, fields),
});

test('one reference model trained on none of the samples is enough to compare offline', () => {
  const { chosen, notices } = settle(sides([500, 0]), [{ attack: 'rmia', mode: 'offline' }, 'calibratedLoss']);
  assert.deepEqual(chosen, ['rmia-offline', 'calibratedLoss']);
  assert.deepEqual(
    notices.filter((notice) => notice.includes('reference')),
    [],
  );
});

test('the default suite compares offline where no reference model was trained on any sample', () => {
  const { chosen } = settle(sides([500, ...new Array<number>(16).fill(0)]));
  assert.deepEqual(chosen.slice(0, 2), ['lira-offline', 'rmia-offline']);
});

test('attacks that need a model with every sample are refused at the door where the masks leave one without', () => {
  const holes = sides([3, 100, 294, 100, 3]);
  assert.throws(
    () => settle(holes, ['rmia']),
    (error: EngramError) => error.code === 'ENG_ATTACK_NOT_APPLICABLE' && /as few as 0 of 4/.test(error.message),
  );
  const { chosen, notices } = settle(holes);
  assert.deepEqual(chosen, ['loss']);
  assert.ok(notices.some((notice) => notice.startsWith('Of the samples 6 are in the training of no reference model')));
});

test('reference models whose training is not told are not read, and that is said', () => {
  const { chosen, notices } = settle(sides([0, 0, 500, 0, 0], ['referenceLoss']));
  assert.deepEqual(chosen, ['loss']);
  assert.ok(notices.some((notice) => notice.startsWith('Outputs of 4 reference models are not read')));
});

test('samples set aside without the masks of the others are refused, with what to add', () => {
  const datasets = { ...sides([0, 0, 500, 0, 0]), calibration: recorded('c', [0, 0, 300, 0, 0], ['referenceLoss']) };
  assert.throws(
    () => settle(datasets),
    (error: EngramError) =>
      error.faults[0].pointer === '/data/calibration' && /Add referenceMember to calibration/.test(error.remedy ?? ''),
  );
});

test('a population with outputs of other reference models is refused, and one with none is not', () => {
  const judged = sides([0, 0, 500, 0, 0]);
  assert.throws(
    () => settle({ ...judged, population: recorded('z', [500, 0, 0], ['referenceLoss']) }),
    (error: EngramError) => error.faults[0].pointer === '/data/population' && /of 4 .* of 2/.test(error.message),
  );
  const alone = dataset({ id: 'z', fields: { loss: [] } });
  assert.ok(settle({ ...judged, population: alone }).chosen.includes('rmia-offline-tuned'));
});
