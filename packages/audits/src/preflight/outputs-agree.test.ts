import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dataset } from '../testing/made-resources.js';
import { pointersOf, refusalOf } from '../testing/refusal.js';
import { itRefuses, settle } from '../testing/settle.js';

const outputs = (id: string, fields: Parameters<typeof dataset>[0] = {}) => dataset({ id, ...fields });

describe('auditing recorded outputs', () => {
  itRefuses([
    ['no outputs and no model', { model: null }, 'ENG_DATA_MODEL_MISMATCH', ['/data/members', '/data/nonMembers']],
    [
      'logits without labels',
      {
        model: null,
        datasets: {
          members: outputs('m', { fields: { logits: [3] } }),
          nonMembers: outputs('n', { fields: { logits: [3], label: [] } }),
        },
      },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/members'],
    ],
    [
      'members with another output than non-members',
      {
        model: null,
        datasets: {
          members: outputs('m', { fields: { loss: [] } }),
          nonMembers: outputs('n', { fields: { logits: [3], label: [] } }),
        },
      },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/nonMembers'],
    ],
    [
      'outputs of models with different classes',
      {
        model: null,
        datasets: {
          members: outputs('m', { fields: { logits: [3], label: [] } }),
          nonMembers: outputs('n', { fields: { logits: [4], label: [] } }),
        },
      },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/nonMembers'],
    ],
    [
      'reference models with different classes',
      {
        model: null,
        datasets: {
          members: outputs('m', { fields: { logits: [3], label: [], referenceLogits: [1000, 3] } }),
          nonMembers: outputs('n', { fields: { logits: [3], label: [], referenceLogits: [1000, 4] } }),
        },
      },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/nonMembers'],
    ],
    [
      'different numbers of reference models',
      {
        model: null,
        datasets: {
          members: outputs('m', { fields: { loss: [] }, rest: { referenceModels: 4 } }),
          nonMembers: outputs('n', { fields: { loss: [] } }),
        },
      },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/nonMembers'],
    ],
  ]);

  it('reads outputs from whichever fields there are', () => {
    const suite = (fields: Record<string, readonly number[]>, rest = {}) =>
      settle({
        model: null,
        datasets: { members: outputs('m', { fields, rest }), nonMembers: outputs('n', { fields, rest }) },
      }).membership!.attacks.map(({ attack }) => attack);
    assert.deepEqual(suite({ logits: [3], label: [] }), ['loss', 'modifiedEntropy']);
    assert.deepEqual(suite({ probabilities: [3], label: [] }), ['loss', 'modifiedEntropy']);
    assert.deepEqual(suite({ loss: [] }), ['loss']);
    assert.deepEqual(suite({ scaledConfidence: [] }), ['loss']);
    const references = { loss: [], referenceLoss: [1000], referenceMember: [1000] };
    assert.deepEqual(suite(references, { referenceModels: 16 }), ['lira', 'rmia', 'calibratedLoss', 'loss']);
  });

  it('reads other probabilities of the truth off logits, a temperature off probabilities too, and neither off losses', () => {
    const asked = (fields: Record<string, readonly number[]>, attack: object) => {
      const rest = { referenceModels: 16 };
      const both = { ...fields, referenceMember: [1000] };
      const datasets = {
        members: outputs('m', { fields: both, rest }),
        nonMembers: outputs('n', { fields: both, rest }),
      };
      const tests = { membership: { attacks: [{ attack: 'rmia' as const, ...attack }] } };
      return settle({ model: null, datasets, tests }).membership!.lossesUnder;
    };
    const logits = { logits: [3], label: [], referenceLogits: [1000, 3] };
    const probabilities = { probabilities: [3], label: [], referenceProbabilities: [1000, 3] };
    const losses = { loss: [], referenceLoss: [1000] };
    const [taylor, warm] = [{ probability: 'taylor', temperature: 2 }, { temperature: 2 }];
    assert.deepEqual(asked(logits, taylor), [{ kind: 'taylor', temperature: 2 }]);
    assert.deepEqual(asked(probabilities, warm), [{ kind: 'softmax', temperature: 2 }]);
    assert.equal(asked(losses, { trimmed: true }), undefined);
    const refused = (fields: Record<string, readonly number[]>, attack: object, remedy: RegExp) => {
      const error = refusalOf(() => asked(fields, attack));
      assert.equal(error.code, 'ENG_ATTACK_NOT_APPLICABLE');
      assert.deepEqual(pointersOf(error), ['/tests/membership/attacks/0']);
      assert.match(error.remedy!, remedy);
    };
    refused(probabilities, taylor, /Give logits and referenceLogits/);
    refused(losses, taylor, /Give logits and referenceLogits/);
    refused(losses, warm, /rather than losses, or ask with temperature: 1/);
  });

  it('takes recorded references of as many samples as each dataset has', () => {
    const recorded = (id: string, count: number) =>
      outputs(id, {
        count,
        fields: { logits: [3], label: [], referenceLogits: [count, 3], referenceMember: [count] },
        rest: { referenceModels: 16 },
      });
    const datasets = {
      members: recorded('m', 1000),
      nonMembers: recorded('n', 500),
      calibration: recorded('c', 300),
    };
    assert.ok(settle({ model: null, datasets }).membership!.attacks.some(({ attack }) => attack === 'lira'));
  });
});
