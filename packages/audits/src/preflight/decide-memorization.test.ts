import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditRequestInput, auditRequest } from '@engram/contract';
import type { AuditResources } from '../resources.js';
import { classifier, dataset, languageModel, onnxClassifier, texts } from '../testing/made-resources.js';
import { refusalOf } from '../testing/refusal.js';
import { decide } from './decide.js';

type Memorization = NonNullable<AuditRequestInput['tests']['memorization']>;

const data = { members: 'dst_members1', nonMembers: 'dst_nonMembers1' };
const images: AuditResources = {
  model: classifier(),
  datasets: { members: dataset({ id: 'members' }), nonMembers: dataset({ id: 'nonMembers' }) },
};
const recorded = (fields: Parameters<typeof dataset>[0]): AuditResources => ({
  datasets: {
    members: dataset({ id: 'm', rest: { referenceModels: 40 }, ...fields }),
    nonMembers: dataset({ id: 'n', rest: { referenceModels: 40 }, ...fields }),
  },
});
const losses = recorded({ fields: { loss: [], referenceLoss: [], referenceMember: [] } });

function settle(memorization: Memorization, resources = images, more: Partial<AuditRequestInput['tests']> = {}) {
  const request = auditRequest.parse({ data, tests: { memorization, ...more } });
  const { memorization: decided, notices } = decide('aud_1', request, resources).decisions;
  return { decided: decided!, notices: notices.join('\n') };
}

const refusal = (...given: Parameters<typeof settle>) => refusalOf(() => settle(...given));

describe('what preflight settles of memorization', () => {
  it('takes the bank that membership trains, and 32 models by itself', () => {
    assert.equal(settle({}).decided.models, 32);
    const shared = settle({}, images, { membership: { referenceModels: { count: 16 } } });
    assert.equal(shared.decided.models, 16);
    assert.match(shared.notices, /16 models are few for soft memorization: 32/);
    assert.equal(settle({}, images, { membership: { attacks: ['loss'] } }).decided.models, 32);
  });

  it('asks how probable the truth is below 500 models, and whether predictions are right from there on', () => {
    assert.equal(settle({ models: 498 }).decided.measure, 'soft');
    assert.equal(settle({ models: 500 }).decided.measure, 'hard');
    assert.match(settle({ models: 64, measure: 'hard' }).notices, /64 models are few for hard memorization: 200/);
  });

  it('trains halves in pairs, and other shares one by one', () => {
    assert.equal(settle({ models: 33 }).decided.models, 32);
    assert.equal(settle({ models: 33, subsetFraction: 0.7 }).decided.models, 33);
  });

  it('says what influence needs, and that the bank is small for it', () => {
    assert.match(settle({}).notices, /Influence is left out: it needs data.population/);
    const population = dataset({ id: 'z' });
    const resources = { ...images, datasets: { ...images.datasets, population } };
    assert.match(settle({}, resources).notices, /32 models are few for influence: 500/);
    assert.doesNotMatch(settle({ influence: null }).notices, /[Ii]nfluence/);
  });

  it('averages consistency over no sizes unless asked, and takes the bank for its own size', () => {
    assert.equal(settle({}).decided.consistency, null);
    assert.deepEqual(settle({ consistency: { subsetFractions: [0.6, 0.5, 0.1] } }).decided.consistency, [
      { subsetFraction: 0.1, models: 16, isBank: false },
      { subsetFraction: 0.5, models: 32, isBank: true },
      { subsetFraction: 0.6, models: 16, isBank: false },
    ]);
    const other = settle({ subsetFraction: 0.7, consistency: { subsetFractions: [0.5, 0.7], models: 17 } });
    assert.deepEqual(other.decided.consistency, [
      { subsetFraction: 0.5, models: 18, isBank: false },
      { subsetFraction: 0.7, models: 32, isBank: true },
    ]);
  });

  it('takes the reference models whose outputs came with the data', () => {
    const { decided, notices } = settle({ models: 64 }, losses);
    assert.deepEqual([decided.from, decided.models, decided.measure], ['outputs', 40, 'soft']);
    assert.match(notices, /takes the 40 reference models that were given; 64 were asked for/);
  });
});

describe('what preflight refuses of memorization', () => {
  const few = { members: dataset({ id: 'members', count: 19 }), nonMembers: dataset({ id: 'nonMembers' }) };
  const small = { members: dataset({ id: 'members', count: 80 }), nonMembers: dataset({ id: 'nonMembers' }) };
  const cases: readonly [string, Memorization, AuditResources, string, string][] = [
    [
      'a language model',
      {},
      { model: languageModel(), datasets: { members: texts('m'), nonMembers: texts('n') } },
      'ENG_ATTACK_NOT_APPLICABLE',
      '/tests/memorization',
    ],
    [
      'a model that cannot be trained here',
      {},
      { ...images, model: onnxClassifier() },
      'ENG_ATTACK_NOT_APPLICABLE',
      '/tests/memorization',
    ],
    [
      'outputs without reference models',
      {},
      recorded({ fields: { loss: [] }, rest: {} }),
      'ENG_ATTACK_NOT_APPLICABLE',
      '/tests/memorization',
    ],
    [
      'hard memorization of losses',
      { measure: 'hard' },
      losses,
      'ENG_ATTACK_NOT_APPLICABLE',
      '/tests/memorization/measure',
    ],
    ['an onion of outputs', { onion: {} }, losses, 'ENG_ATTACK_NOT_APPLICABLE', '/tests/memorization/onion'],
    [
      'an onion whose layer is a handful',
      { onion: { removeFraction: 0.05 } },
      { ...images, datasets: small },
      'ENG_INSUFFICIENT_SAMPLES',
      '/tests/memorization/onion/removeFraction',
    ],
    [
      'sizes of reference models that were given',
      { consistency: {} },
      losses,
      'ENG_ATTACK_NOT_APPLICABLE',
      '/tests/memorization/consistency',
    ],
    [
      // 180 samples: a tenth are 18.
      'a size of fewer than 20 samples',
      { consistency: {} },
      {
        ...images,
        datasets: {
          members: dataset({ id: 'members', count: 80 }),
          nonMembers: dataset({ id: 'nonMembers', count: 100 }),
        },
      },
      'ENG_INSUFFICIENT_SAMPLES',
      '/tests/memorization/consistency/subsetFractions',
    ],
    [
      // 16 models on 0.8 of the samples: 3.2 leave out each, in the mean.
      'models of which too few leave out a sample',
      { consistency: { subsetFractions: [0.5, 0.8] } },
      images,
      'ENG_INSUFFICIENT_SAMPLES',
      '/tests/memorization/consistency/models',
    ],
    [
      'a bank of which too few leave out a sample',
      { subsetFraction: 0.9, models: 39, consistency: { subsetFractions: [0.5, 0.9] } },
      images,
      'ENG_INSUFFICIENT_SAMPLES',
      '/tests/memorization/models',
    ],
    [
      // 4 GiB hold 35 models of 30 million parameters.
      'models of other sizes beyond what is kept',
      { models: 32, consistency: { subsetFractions: [0.25, 0.5], models: 8 } },
      { ...images, model: classifier({ parameterCount: 30_000_000 }) },
      'ENG_ATTACK_NOT_APPLICABLE',
      '/tests/memorization/consistency',
    ],
    ['few members', {}, { ...images, datasets: few }, 'ENG_INSUFFICIENT_SAMPLES', '/data/members'],
    [
      'a bank larger than is kept',
      { models: 200 },
      { ...images, model: classifier({ parameterCount: 30_000_000 }) },
      'ENG_ATTACK_NOT_APPLICABLE',
      '/tests/memorization/models',
    ],
  ];
  it('names sizes and models that would do', () => {
    const consistency = { subsetFractions: [0.1, 0.9], models: 16 };
    assert.match(refusal({ consistency }).remedy ?? '', /at least 40 models, or leave out the share 0\.9/);
    const few = {
      members: dataset({ id: 'members', count: 80 }),
      nonMembers: dataset({ id: 'nonMembers', count: 100 }),
    };
    assert.match(
      refusal({ consistency: {} }, { ...images, datasets: few }).remedy ?? '',
      /shares below 0\.12, or give at least 200 samples/,
    );
    assert.equal(
      settle({ models: 40, subsetFraction: 0.9, consistency: { subsetFractions: [0.9, 0.5] } }).decided.models,
      40,
    );
  });

  for (const [what, memorization, resources, code, pointer] of cases)
    it(what, () => {
      const error = refusal(memorization, resources);
      assert.deepEqual([error.code, error.faults.map((fault) => fault.pointer)], [code, [pointer]]);
    });
});
