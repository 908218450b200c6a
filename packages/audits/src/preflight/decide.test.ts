import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditRequestInput, auditRequest } from '@engram/contract';
import { EngramError, type StoredDataset, type StoredModel } from '@engram/domain';
import { sha256Hex } from '@engram/numeric';
import type { AuditResources, DataRole } from '../resources.js';
import { classifier, dataset, languageModel, onnxClassifier, texts } from '../testing/made-resources.js';
import { decide } from './decide.js';

const pair = { members: 'dst_members1', nonMembers: 'dst_nonMembers1' };
type Tests = AuditRequestInput['tests'];

interface Given {
  readonly tests?: Tests;
  readonly model?: StoredModel | null;
  readonly datasets?: Partial<Record<DataRole, StoredDataset>>;
  readonly references?: readonly StoredModel[];
}

const members = dataset({ id: 'members' });
const nonMembers = dataset({ id: 'nonMembers' });
const outputs = (id: string, fields: Parameters<typeof dataset>[0] = {}) => dataset({ id, ...fields });

function settle({
  tests = { membership: {} },
  model = classifier(),
  datasets = { members, nonMembers },
  references = [],
}: Given = {}) {
  const request = auditRequest.parse({ data: pair, tests });
  const resources: AuditResources = { datasets, references, ...(model === null ? {} : { model }) };
  return decide('aud_1', request, resources).decisions;
}

function refusal(given: Given): EngramError {
  try {
    settle(given);
  } catch (error) {
    assert.ok(error instanceof EngramError, String(error));
    assert.ok((error.remedy ?? '').length > 0, `no remedy: ${error.message}`);
    return error;
  }
  return assert.fail('nothing was refused');
}

const givenIds = ['mdl_given0001', 'mdl_given0002'];
const givenTests = (rest: object = {}, attacks: readonly unknown[] = [{ attack: 'rmia', mode: 'offline' }]) =>
  ({ membership: { attacks, referenceModels: { models: givenIds, ...rest } } }) as Tests;
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

const pointers = (error: EngramError) => error.faults.map(({ pointer }) => pointer);

describe('what preflight refuses', () => {
  const cases: readonly [string, Given, string, readonly string[]][] = [
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
      'samples without labels for a classifier',
      { datasets: { members: dataset({ id: 'members', fields: { input: [4] } }), nonMembers } },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/members'],
    ],
    [
      'a population without labels for a classifier',
      { datasets: { members, nonMembers, population: dataset({ id: 'z', fields: { input: [4] } }) } },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/population'],
    ],
    [
      'rows of another width than the model takes',
      { datasets: { members, nonMembers: dataset({ id: 'wide', fields: { input: [5], label: [] } }) } },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/nonMembers'],
    ],
    [
      'labels the model has no class for',
      { datasets: { members: dataset({ id: 'members', rest: { classCount: 4 } }), nonMembers } },
      'ENG_LABEL_OUT_OF_RANGE',
      ['/data/members'],
    ],
    [
      'inputs for a language model',
      { model: languageModel(), datasets: { members, nonMembers: texts('n') } },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/members'],
    ],
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
    [
      'members set aside to calibrate on',
      { datasets: { members, nonMembers, calibration: dataset({ id: 'c', rest: { members: 2, nonMembers: 998 } }) } },
      'ENG_REQUEST_INVALID',
      ['/data/calibration'],
    ],
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
      'augmented forms of samples that are no images',
      { tests: { membership: { attacks: [{ attack: 'lira', queries: 2 }] } } },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/membership/attacks/0'],
    ],
    [
      'a recipe that augments what are no images',
      { tests: { membership: { referenceModels: { recipe: { augmentation: ['mirror'] } } } } },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/membership/referenceModels/recipe/augmentation'],
    ],
    [
      'a calibrated attack on a model that cannot be trained',
      { model: onnxClassifier(), tests: { membership: { attacks: ['loss', 'lira'] } } },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/membership/attacks/1'],
    ],
    [
      'reference models of a model that cannot be trained',
      { model: onnxClassifier(), tests: { membership: { referenceModels: { count: 8 } } } },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/membership/referenceModels/count'],
    ],
    [
      'an attack named twice with the same parameters',
      { tests: { membership: { attacks: ['lira', { attack: 'lira', mode: 'online' }] } } },
      'ENG_REQUEST_INVALID',
      ['/tests/membership/attacks/1'],
    ],
    [
      'a false positive rate the non-members cannot show',
      { tests: { membership: { fpr: [0.1, 0.001] } } },
      'ENG_INSUFFICIENT_SAMPLES',
      ['/tests/membership/fpr/1'],
    ],
    ['extraction from a classifier', { tests: { extraction: {} } }, 'ENG_ATTACK_NOT_APPLICABLE', ['/tests/extraction']],
    [
      'extraction without a model',
      {
        model: null,
        tests: { extraction: {} },
        datasets: {
          members: outputs('m', { fields: { loss: [] } }),
          nonMembers: outputs('n', { fields: { loss: [] } }),
        },
      },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/extraction'],
    ],
    [
      'a window longer than the context',
      {
        model: languageModel(),
        datasets: { members: texts('m'), nonMembers: texts('n') },
        tests: { extraction: { attacks: [{ attack: 'prefixSuffix', prefixTokens: 200, suffixTokens: 56 }] } },
      },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/extraction/attacks/0'],
    ],
    [
      'a decoder of more tokens than are kept',
      {
        model: languageModel(),
        datasets: { members: texts('m'), nonMembers: texts('n') },
        tests: { extraction: { attacks: [{ attack: 'prefixSuffix', decoders: [{ temperature: 1, topK: 41 }] }] } },
      },
      'ENG_REQUEST_INVALID',
      ['/tests/extraction/attacks/0'],
    ],
    [
      'a window longer than any control text',
      {
        model: languageModel(),
        datasets: { members: texts('m'), nonMembers: dataset({ id: 'n', fields: { text: { longestBytes: 90 } } }) },
        tests: { extraction: {} },
      },
      'ENG_INSUFFICIENT_SAMPLES',
      ['/data/nonMembers'],
    ],
    [
      'an extraction attack named twice',
      {
        model: languageModel(),
        datasets: { members: texts('m'), nonMembers: texts('n') },
        tests: { extraction: { attacks: ['prefixSuffix', { attack: 'prefixSuffix', suffixTokens: 20 }] } },
      },
      'ENG_REQUEST_INVALID',
      ['/tests/extraction/attacks/1'],
    ],
    [
      'exposure without canaries',
      {
        model: languageModel(),
        datasets: { members: texts('m'), nonMembers: texts('n') },
        tests: { extraction: { attacks: ['exposure'] } },
      },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/extraction/attacks/0'],
    ],
    [
      'canaries without their repetitions',
      {
        model: languageModel(),
        datasets: {
          members: texts('m'),
          nonMembers: texts('n'),
          canaries: dataset({
            id: 'c',
            count: 30,
            fields: { text: { longestBytes: 40 }, secret: { longestBytes: 9 } },
          }),
        },
        tests: { extraction: {} },
      },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/canaries'],
    ],
    [
      'canaries with secrets of another length than their space',
      {
        model: languageModel(),
        datasets: {
          members: texts('m'),
          nonMembers: texts('n'),
          canaries: dataset({
            id: 'c',
            count: 30,
            fields: { text: { longestBytes: 40 }, secret: { longestBytes: 6 }, repetitions: [] },
          }),
        },
        tests: { extraction: { attacks: [{ attack: 'exposure', length: 4 }] } },
      },
      'ENG_DATA_MODEL_MISMATCH',
      ['/tests/extraction/attacks/0'],
    ],
    [
      'difficulty of a model that cannot be trained',
      { model: onnxClassifier(), tests: { unlearningDifficulty: {} } },
      'ENG_ESTIMATOR_NOT_APPLICABLE',
      ['/tests/unlearningDifficulty'],
    ],
    [
      'difficulty of fewer than fifty members',
      { datasets: { members: dataset({ id: 'members', count: 49 }), nonMembers }, tests: { unlearningDifficulty: {} } },
      'ENG_INSUFFICIENT_SAMPLES',
      ['/data/members'],
    ],
    [
      'forget sets that leave nothing to retain',
      { tests: { unlearningDifficulty: { verify: { forgetSets: 8, size: 63 } } } },
      'ENG_INSUFFICIENT_SAMPLES',
      ['/tests/unlearningDifficulty/verify/size'],
    ],
    [
      'an estimator named twice',
      { tests: { unlearningDifficulty: { estimators: ['privacyLoss', 'privacyLoss'] } } },
      'ENG_REQUEST_INVALID',
      ['/tests/unlearningDifficulty/estimators/1'],
    ],
  ];
  for (const [what, given, code, at] of cases)
    it(`refuses ${what}`, () => {
      const error = refusal(given);
      assert.equal(error.code, code);
      assert.deepEqual(pointers(error), at);
    });

  it('points at the entry as the request numbers it, though an earlier one is refused', () => {
    const attacks = [{ attack: 'lira', mode: 'sideways' }, 'loss', 'rmia'] as never;
    const request = auditRequest.parse({ data: pair, tests: { membership: {} } });
    const given = { ...request, tests: { membership: { ...request.tests.membership!, attacks } } };
    assert.throws(
      () => decide('aud_1', given, { model: onnxClassifier(), datasets: { members, nonMembers } }),
      (thrown: EngramError) => {
        assert.deepEqual(pointers(thrown), ['/tests/membership/attacks/0/mode', '/tests/membership/attacks/2']);
        return true;
      },
    );
  });

  it('lists the faults of all tests at once, and what to do about each', () => {
    const error = refusal({
      model: onnxClassifier(),
      tests: { membership: { attacks: ['lira'], fpr: [0.0001] }, extraction: {}, unlearningDifficulty: {} },
    });
    assert.deepEqual(pointers(error), [
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

describe('what preflight chooses', () => {
  it('reports the rates the non-members can show, and says which they cannot', () => {
    const rates = (count: number) => {
      const { membership, notices } = settle({ datasets: { members, nonMembers: dataset({ id: 'n', count }) } });
      return [membership!.fpr, notices.filter((notice) => notice.includes('cannot show')).length];
    };
    // n >= ln 0.05 / ln(1 - fpr): 29, 299 and 2995.
    assert.deepEqual(rates(28), [[], 1]);
    assert.deepEqual(rates(29), [[0.1], 1]);
    assert.deepEqual(rates(299), [[0.1, 0.01], 1]);
    assert.deepEqual(rates(2995), [[0.1, 0.01, 0.001], 0]);
  });

  it('takes named rates once each, highest first', () => {
    assert.deepEqual(settle({ tests: { membership: { fpr: [0.01, 0.1, 0.01] } } }).membership!.fpr, [0.1, 0.01]);
  });

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

  it('asks about as many forms as the most an attack wants, and says what they are worth untrained', () => {
    const pixels = (id: string) => dataset({ id, fields: { input: [6, 6, 1], label: [] } });
    const asked = (attacks: 'default' | readonly unknown[], augmentation: readonly string[] = []) =>
      settle({
        model: classifier({ inputs: [{ name: 'x', shape: [6, 6, 1], dtype: 'float32' }] }),
        datasets: { members: pixels('members'), nonMembers: pixels('nonMembers') },
        tests: { membership: { attacks, referenceModels: { recipe: { augmentation } } } } as Tests,
      });
    const dilutes = (notices: readonly string[]) => notices.some((notice) => notice.includes('not trained on'));
    const both = asked([{ attack: 'lira', queries: 2 }, { attack: 'lira', queries: 18 }, 'lira']);
    assert.equal(both.membership!.queries, 18);
    assert.ok(both.notices.some((notice) => notice.includes('names no augmentation')));
    assert.equal(asked(['lira']).membership!.queries, 1);
    for (const [augmentation, queries, isDiluted] of [
      [['mirror'], 2, false],
      [['mirror'], 18, true],
      [['shift'], 2, true],
      [['mirror', 'shift'], 2, false],
      [['mirror', 'shift'], 18, false],
    ] as const)
      assert.equal(dilutes(asked([{ attack: 'lira', queries }], augmentation).notices), isDiluted);
    for (const [augmentation, queries] of [
      [[], 1],
      [['mirror'], 2],
      [['shift'], 1],
      [['shift', 'mirror'], 18],
    ] as const) {
      const { membership, notices } = asked('default', augmentation);
      assert.deepEqual([membership!.queries, dilutes(notices)], [queries, false]);
    }
  });

  it('reports rates that samples set aside can show though the non-members cannot', () => {
    const few = dataset({ id: 'nonMembers', count: 100 });
    const rates = (calibration: StoredDataset | undefined) =>
      settle({ datasets: { members, nonMembers: few, ...(calibration === undefined ? {} : { calibration }) } })
        .membership!.fpr;
    assert.deepEqual(rates(undefined), [0.1]);
    assert.deepEqual(rates(dataset({ id: 'aside', count: 300 })), [0.1, 0.01]);
  });

  it('takes the recipe of the request before that of the manifest, and says when there is neither', () => {
    assert.equal(settle().recipe!.from, 'manifest');
    const asked = settle({ tests: { membership: { referenceModels: { recipe: { epochs: 7 } } } } }).recipe!;
    assert.deepEqual([asked.from, asked.recipe.epochs], ['request', 7]);
    const bare = settle({ model: classifier({}, null) });
    assert.equal(bare.recipe!.from, 'default');
    assert.ok(bare.notices.some((notice) => notice.includes('without a training recipe')));
  });

  it('forgets five percent of the members, at least ten, and never more than half of them together', () => {
    const size = (count: number, forgetSets = 8) =>
      settle({
        tests: { unlearningDifficulty: { verify: { forgetSets } } },
        datasets: { members: dataset({ id: 'm', count }), nonMembers },
      }).difficulty!.verify!.size;
    assert.equal(size(1000), 50);
    assert.equal(size(200, 4), 10);
    assert.equal(size(100, 8), 6);
  });

  it('watches the training that was recorded, and else says that a surrogate is watched', () => {
    const recorded = settle({
      model: classifier({ checkpoints: Array.from({ length: 10 }, (_, i) => 5 * i) }),
      tests: { unlearningDifficulty: { verify: null } },
    });
    assert.deepEqual(
      [recorded.difficulty!.source, recorded.difficulty!.checkpoints, recorded.difficulty!.verify, recorded.notices],
      ['recordedTraining', 10, null, []],
    );
    const surrogate = settle({ tests: { unlearningDifficulty: {} } });
    assert.equal(surrogate.difficulty!.source, 'surrogateTraining');
    assert.ok(surrogate.notices.some((notice) => notice.includes('without checkpoints')));
  });

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

  it('judges an audit set by its member field', () => {
    const both = dataset({ id: 'both', count: 900, rest: { members: 400, nonMembers: 500 } });
    assert.deepEqual(settle({ datasets: { auditSet: both } }).membership!.fpr, [0.1, 0.01]);
  });

  it('leaves exposure out of the default suite where there are no canaries', () => {
    const datasets = { members: texts('m'), nonMembers: texts('n') };
    const without = settle({ model: languageModel(), datasets, tests: { extraction: {} } }).extraction!;
    assert.deepEqual([without.exposure, without.prefixSuffix?.prefixTokens, without.texts], [null, 50, 'redacted']);
  });

  it('says how many rows count twice', () => {
    const repeated = dataset({ id: 'members', rest: { duplicates: 3 } });
    const { notices } = settle({ datasets: { members: repeated, nonMembers } });
    assert.ok(notices.some((notice) => notice.startsWith('3 of 1000 rows of members')));
  });
});
