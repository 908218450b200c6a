import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dataset } from '../testing/made-resources.js';
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
