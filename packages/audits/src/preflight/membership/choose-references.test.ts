import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sha256Hex } from '@engram/numeric';
import { classifier, dataset, languageModel, onnxClassifier, texts } from '../../testing/made-resources.js';
import { type Given, itRefuses, settle } from '../../testing/settle.js';

const outputs = (id: string, fields: Parameters<typeof dataset>[0] = {}) => dataset({ id, ...fields });
const ids = ['mdl_given0001', 'mdl_given0002'];
const givenTests = (rest: object = {}, attacks: readonly unknown[] = [{ attack: 'rmia', mode: 'offline' }]) =>
  ({ membership: { attacks, referenceModels: { models: ids, ...rest } } }) as Given['tests'];
const givenModels = ['first', 'second'].map((name) => classifier({ digest: sha256Hex(name) }));
/** Members and non-members with masks of so many reference models. */
const masked = (models: number, others = models) => ({
  members: dataset({
    id: 'members',
    fields: { input: [4], label: [], referenceMember: [1000] },
    rest: { referenceModels: models },
  }),
  nonMembers: dataset({
    id: 'nonMembers',
    fields: { input: [4], label: [], referenceMember: [1000] },
    rest: { referenceModels: others },
  }),
});

describe('choosing reference models', () => {
  itRefuses([
    [
      'reference models given and to be trained',
      { tests: givenTests({ count: 8 }), references: givenModels },
      'ENG_REQUEST_INVALID',
      ['/tests/membership/referenceModels'],
    ],
    [
      'a given reference model of other classes',
      { tests: givenTests(), references: [givenModels[0], classifier({ classCount: 4, digest: sha256Hex('four') })] },
      'ENG_DATA_MODEL_MISMATCH',
      ['/tests/membership/referenceModels/models/1'],
    ],
    [
      'a given reference model that takes other inputs',
      {
        tests: givenTests(),
        references: [
          classifier({ inputs: [{ name: 'x', shape: [5], dtype: 'float32' }], digest: sha256Hex('wide') }),
          givenModels[1],
        ],
      },
      'ENG_DATA_MODEL_MISMATCH',
      Array<string>(2).fill('/tests/membership/referenceModels/models/0'),
    ],
    [
      'the audited model as its own reference',
      { tests: givenTests(), references: [classifier(), givenModels[1]] },
      'ENG_REQUEST_INVALID',
      ['/tests/membership/referenceModels/models/0'],
    ],
    [
      'masks of another number of reference models than are given',
      { tests: givenTests(), references: givenModels, datasets: masked(2, 3) },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/nonMembers'],
    ],
    [
      'masks that were promised and are not there',
      { tests: givenTests({ trainedOn: 'field' }), references: givenModels },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/members', '/data/nonMembers'],
    ],
    [
      'an online attack with references trained on none of the samples',
      { tests: givenTests({ trainedOn: 'none' }, ['rmia']), references: givenModels },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/membership/attacks/0'],
    ],
    [
      'reference models given for recorded outputs',
      {
        model: null,
        tests: givenTests(),
        references: givenModels,
        datasets: {
          members: outputs('m', { fields: { loss: [] } }),
          nonMembers: outputs('n', { fields: { loss: [] } }),
        },
      },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/membership/referenceModels/models', '/tests/membership/attacks/0'],
    ],
    [
      'a bank whose weights take more than is kept',
      {
        model: classifier({ parameterCount: 100_000_000 }),
        tests: { membership: { referenceModels: { count: 16 } } },
      },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/membership/referenceModels/count'],
    ],
    [
      'reference models of a model that cannot be trained',
      { model: onnxClassifier(), tests: { membership: { referenceModels: { count: 8 } } } },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/membership/referenceModels/count'],
    ],
  ]);

  it('trains sixteen references of a classifier, four of a language model, none of what cannot be trained', () => {
    assert.equal(settle().membership!.referenceModels, 16);
    const lm = { model: languageModel(), datasets: { members: texts('m'), nonMembers: texts('n') } };
    assert.equal(settle(lm).membership!.referenceModels, 4);
    const onnx = settle({ model: onnxClassifier() });
    assert.equal(onnx.membership!.referenceModels, 0);
    assert.equal(onnx.recipe, null);
  });

  it('trains references in pairs, and none for attacks without use for them', () => {
    const odd = settle({ tests: { membership: { referenceModels: { count: 9 } } } });
    assert.equal(odd.membership!.referenceModels, 8);
    assert.ok(odd.notices.some((notice) => notice.includes('8 instead of 9')));
    assert.equal(settle({ tests: { membership: { attacks: ['loss'] } } }).membership!.referenceModels, 0);
  });

  it('takes given references as trained on none of the samples unless the datasets tell', () => {
    const tests = givenTests();
    const none = settle({ tests, references: givenModels });
    assert.deepEqual(
      [none.membership!.givenReferences, none.membership!.referenceModels, none.recipe],
      ['none', 0, null],
    );
    assert.ok(none.notices.some((notice) => notice.includes('no referenceMember field')));
    const told = settle({ tests, references: givenModels, datasets: masked(2) });
    assert.deepEqual([told.membership!.givenReferences, told.notices.length], ['field', none.notices.length - 1]);
    // A model that can be run but not trained is as good a reference, and as good a target.
    const onnx = settle({ model: onnxClassifier(), tests, references: givenModels });
    assert.equal(onnx.membership!.givenReferences, 'none');
    assert.equal(
      settle({ tests: givenTests({}, ['loss']), references: givenModels }).membership!.givenReferences,
      null,
    );
  });

  it('trains as many references as their weights may take, when the number is not named', () => {
    // 4 GiB / (4 x 100,000,000 bytes) = 10.7 models.
    const large = settle({ model: classifier({ parameterCount: 100_000_000 }) });
    assert.equal(large.membership!.referenceModels, 10);
    assert.ok(large.notices.some((notice) => notice.includes('10 are trained')));
  });
});
