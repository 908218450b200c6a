import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auditRequest } from '@engram/contract';
import type { EngramError } from '@engram/domain';
import { onnxClassifier } from '../testing/made-resources.js';
import { pointersOf, refusalOf } from '../testing/refusal.js';
import { members, nonMembers, settle } from '../testing/settle.js';
import { decide } from './decide.js';

describe('what preflight refuses', () => {
  it('points at the entry as the request numbers it, though an earlier one is refused', () => {
    const attacks = [{ attack: 'lira', mode: 'sideways' }, 'loss', 'rmia'] as never;
    const request = auditRequest.parse({
      data: { members: 'dst_members1', nonMembers: 'dst_nonMembers1' },
      tests: { membership: {} },
    });
    const given = { ...request, tests: { membership: { ...request.tests.membership!, attacks } } };
    assert.throws(
      () => decide('aud_1', given, { model: onnxClassifier(), datasets: { members, nonMembers } }),
      (thrown: EngramError) => {
        assert.deepEqual(pointersOf(thrown), ['/tests/membership/attacks/0/mode', '/tests/membership/attacks/2']);
        return true;
      },
    );
  });

  it('lists the faults of all tests at once, and what to do about each', () => {
    const error = refusalOf(() =>
      settle({
        model: onnxClassifier(),
        tests: { membership: { attacks: ['lira'], fpr: [0.0001] }, extraction: {}, unlearningDifficulty: {} },
      }),
    );
    assert.deepEqual(pointersOf(error), [
      '/tests/membership/attacks/0',
      '/tests/membership/fpr/0',
      '/tests/extraction',
      '/tests/unlearningDifficulty',
    ]);
    assert.match(error.message, /and 3 more/);
    assert.match(
      error.remedy!,
      /onnx.*cannot be trained here.*non-members or more.*Leave tests\.extraction out.*layers model/s,
    );
  });
});
