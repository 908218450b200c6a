import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auditRequest } from '@engram/contract';
import type { EngramError, FieldName, StoredModel } from '@engram/domain';
import type { AuditResources } from '../../resources.js';
import { classifier, dataset, onnxClassifier } from '../../testing/made-resources.js';
import { decide } from '../decide.js';

const mute = { output: { shape: [1], meaning: 'labels' } } as const;
const layers = () => classifier({ ...mute, abilities: ['labels', 'train'] });
const onnx = (): StoredModel => ({
  ...onnxClassifier(),
  inspected: { ...onnxClassifier().inspected, ...mute, abilities: ['labels'] },
});

type Fields = Partial<Record<FieldName, readonly number[]>>;

function settle(
  given: { model?: StoredModel; fields?: Fields; other?: Fields; population?: Fields; references?: StoredModel[] },
  tests: Record<string, object> = { membership: {} },
) {
  const { model, fields, other = fields, population, references } = given;
  const part = (id: string, own: Fields | undefined) => dataset({ id, ...(own === undefined ? {} : { fields: own }) });
  const request = auditRequest.parse({
    data: { members: 'dst_members1', nonMembers: 'dst_nonMembers1' },
    ...(model === undefined ? {} : { model: 'mdl_00000001' }),
    tests,
  });
  const resources: AuditResources = {
    datasets: {
      members: part('m', fields),
      nonMembers: part('n', other),
      ...(population === undefined ? {} : { population: part('z', population) }),
    },
    ...(model === undefined ? {} : { model }),
    ...(references === undefined ? {} : { references }),
  };
  return decide('aud_1', request, resources).decisions;
}

const attacksOf = (given: Parameters<typeof settle>[0]) =>
  settle(given).membership!.attacks.map(({ attack }) => attack);

function refusals(...given: Parameters<typeof settle>): readonly { pointer: string; message: string }[] {
  let found: EngramError | undefined;
  assert.throws(
    () => settle(...given),
    (error: EngramError) => {
      found = error;
      return error.faults.length > 0;
    },
  );
  return found!.faults;
}

describe('a target that tells labels alone', () => {
  it('is asked for labels by default: of records once and under noise, recorded ones once', () => {
    for (const model of [layers(), onnx()]) assert.deepEqual(attacksOf({ model }), ['gap', 'noiseRobustness']);
    assert.deepEqual(attacksOf({ fields: { predictedLabel: [], label: [] } }), ['gap']);
    assert.equal(settle({ model: layers() }).membership!.referenceModels, 0);
  });

  it('is refused attacks that read more, with what can be asked instead', () => {
    const attacks = ['loss', 'modifiedEntropy', 'lira', 'gradientNorm', { attack: 'lira', queries: 2 }];
    for (const model of [layers(), onnx()]) {
      const found = refusals({ model }, { membership: { attacks } });
      assert.equal(found.length, attacks.length);
      for (const { message } of found) assert.match(message, /got a target that tells labels alone/);
    }
    const [fault] = refusals({ fields: { predictedLabel: [], label: [] } }, { membership: { attacks: ['loss'] } });
    assert.deepEqual([fault.pointer, /tells labels alone/.test(fault.message)], ['/tests/membership/attacks/0', true]);
  });

  it('leaves the population unread, and says so', () => {
    const notices = (given: Parameters<typeof settle>[0]) =>
      settle(given).notices.filter((notice) => notice.startsWith('The population is not read'));
    const labels = { predictedLabel: [], label: [] };
    assert.equal(notices({ model: layers(), population: { input: [4], label: [] } }).length, 1);
    assert.equal(notices({ fields: labels, population: labels }).length, 1);
    assert.deepEqual(notices({ model: classifier(), population: { input: [4], label: [] } }), []);
  });

  it('is no reference model: those are compared by their confidence', () => {
    const reference = { ...layers(), inspected: { ...layers().inspected, digest: 'f'.repeat(64) } };
    const tests = {
      membership: { attacks: ['calibratedLoss'], referenceModels: { models: ['mdl_00000002'], trainedOn: 'none' } },
    };
    const [{ pointer, message }] = refusals({ model: classifier(), references: [reference] }, tests);
    assert.equal(pointer, '/tests/membership/referenceModels/models/0');
    assert.match(message, /got one that tells labels alone/);
  });

  it('is not trained further, which takes its weights, but others like it are trained', () => {
    const [{ message }] = refusals({ model: layers() }, { unlearningDifficulty: {} });
    assert.match(message, /got a tfjs-layers model for classification that tells labels alone/);
    assert.notEqual(settle({ model: layers() }, { labelMemorization: {} }).labelMemorization, null);
    assert.equal(settle({ model: layers() }, { memorization: {} }).memorization?.from, 'trained');
  });
});

describe('recorded labels', () => {
  it('are held against labels, which must be there', () => {
    const [fault] = refusals({ fields: { predictedLabel: [] } });
    assert.equal(fault.pointer, '/data/members');
    assert.match(fault.message, /predictedLabel need the label of each sample/);
    refusals({ fields: { predictedLabel: [], prediction: [], target: [] } });
  });

  it('beside losses say which samples are right', () => {
    const both = { loss: [], predictedLabel: [], label: [] };
    assert.deepEqual(attacksOf({ fields: both }), ['loss']);
    const asked = settle({ fields: both }, { membership: { attacks: ['loss', 'gap'] } });
    assert.equal(asked.membership!.attacks.length, 2);
    // Of non-members labels alone: only those can be compared.
    assert.deepEqual(attacksOf({ fields: both, other: { predictedLabel: [], label: [] } }), ['gap']);
  });
});
