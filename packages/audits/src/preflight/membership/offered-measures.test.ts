import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditRequestInput, auditRequest } from '@engram/contract';
import { EngramError } from '@engram/domain';
import type { AuditResources } from '../../resources.js';
import { classifier, dataset, onnxClassifier } from '../../testing/made-resources.js';
import { decide } from '../decide.js';

const data = { members: 'dst_members1', nonMembers: 'dst_nonMembers1' };
type Attacks = NonNullable<NonNullable<AuditRequestInput['tests']['membership']>['attacks']>;

function resources(rowShape: readonly number[], model = classifier(), count = 500): AuditResources {
  const inputs = [{ name: 'input', shape: rowShape, dtype: 'float32' }];
  const side = (id: string) => dataset({ id, count, fields: { input: rowShape, label: [] } });
  return {
    model: { ...model, inspected: { ...model.inspected, inputs } },
    datasets: { members: side('members'), nonMembers: side('nonMembers') },
  };
}

function decided(attacks: Attacks, given: AuditResources) {
  return decide('aud_1', auditRequest.parse({ data, tests: { membership: { attacks } } }), given).decisions;
}

const fromLabels: Attacks = ['gap', 'augmentationVotes', 'noiseRobustness', 'boundaryDistance'];

describe('offering questions about labels', () => {
  it('takes all of them for a model of images, with channels first or last, of either kind', () => {
    for (const model of [classifier(), onnxClassifier()])
      for (const rowShape of [
        [28, 28, 1],
        [3, 32, 32],
      ])
        assert.equal(decided(fromLabels, resources(rowShape, model)).membership?.attacks.length, 4);
  });

  it('takes all but votes under augmentation for a model of tables', () => {
    assert.equal(decided(['noiseRobustness', 'boundaryDistance'], resources([9])).membership?.attacks.length, 2);
    assert.throws(
      () => decided(fromLabels, resources([9])),
      (error: unknown) =>
        error instanceof EngramError &&
        error.code === 'ENG_ATTACK_NOT_APPLICABLE' &&
        error.faults.length === 1 &&
        error.faults[0].pointer === '/tests/membership/attacks/1' &&
        /expected a model of images/.test(error.message),
    );
  });

  it('refuses them for recorded outputs, which cannot be asked again, but for the gap attack', () => {
    const side = (id: string) => dataset({ id, count: 500, fields: { logits: [3], label: [] } });
    const given = { datasets: { members: side('members'), nonMembers: side('nonMembers') } };
    assert.equal(decided(['gap'], given).membership?.attacks.length, 1);
    assert.throws(
      () => decided(fromLabels, given),
      (error: unknown) => error instanceof EngramError && error.faults.length === 3,
    );
  });

  it('says before it starts that an attack will run the model more than a million times', () => {
    const long = (notices: readonly string[]) => notices.filter((notice) => notice.includes('runs the model'));
    assert.deepEqual(long(decided(['boundaryDistance'], resources([9])).notices), []);
    assert.deepEqual(
      long(decided(['noiseRobustness', 'boundaryDistance'], resources([9], classifier(), 501)).notices),
      [
        'boundaryDistance runs the model up to 1,002,000 times, 1,000 for each of 1,002 samples: lower its parameters or name fewer samples if that takes too long.',
      ],
    );
  });
});
