import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditRequestInput, auditRequest } from '@engram/contract';
import type { StoredDataset, StoredModel } from '@engram/domain';
import { prepareAudit } from '../prepare.js';
import { classifier, dataset, languageModel, onnxClassifier, texts } from '../testing/made-resources.js';
import { refusalOf } from '../testing/refusal.js';
import { decide } from './decide.js';

const data = { members: 'dst_members1', nonMembers: 'dst_nonMembers1' };
type Asked = NonNullable<AuditRequestInput['tests']['labelMemorization']>;

interface Given {
  readonly test?: Asked;
  readonly model?: StoredModel;
  readonly members?: StoredDataset;
  readonly nonMembers?: StoredDataset;
}

const requestOf = (test: Asked) => auditRequest.parse({ data, tests: { labelMemorization: test } });
const resourcesOf = ({ model = classifier(), members, nonMembers }: Given) => ({
  model,
  datasets: { members: members ?? dataset({ id: 'members' }), nonMembers: nonMembers ?? dataset({ id: 'others' }) },
});
const settle = (given: Given = {}) => decide('aud_1', requestOf(given.test ?? {}), resourcesOf(given)).decisions;
const plan = (test: Asked, seed = 1) => prepareAudit('aud_1', { ...requestOf(test), seed }, resourcesOf({})).plan;

const refusal = (given: Given) => refusalOf(() => settle(given));

describe('what a test of label memorization settles', () => {
  it('takes the recipe’s epochs, trains the labels as they are beside random ones, and names its recipe', () => {
    const { labelMemorization, recipe } = settle({ test: { randomLabels: { corruption: [1, 0.2, 1] } } });
    assert.deepEqual(labelMemorization, {
      randomLabels: { corruption: [0, 0.2, 1], epochs: 20, seeds: 1 },
      noisyLabels: { flip: 0.1, runs: 3, epochs: 20 },
      reviewShare: 0.01,
      earlyLearning: true,
    });
    assert.equal(recipe?.from, 'manifest');
  });

  it('says that without flipped labels there is no early-learning curve', () => {
    const { labelMemorization, notices } = settle({ test: { noisyLabels: null } });
    assert.equal(labelMemorization?.earlyLearning, false);
    assert.ok(notices.some((notice) => notice.includes('early-learning curve')));
  });
});

describe('what a test of label memorization refuses', () => {
  const cases: readonly [string, Given, string, string][] = [
    [
      'a model that cannot be trained',
      { model: onnxClassifier() },
      'ENG_ESTIMATOR_NOT_APPLICABLE',
      '/tests/labelMemorization',
    ],
    [
      'a language model',
      { model: languageModel(), members: texts('m'), nonMembers: texts('n') },
      'ENG_ESTIMATOR_NOT_APPLICABLE',
      '/tests/labelMemorization',
    ],
    [
      'fewer than a hundred members',
      { members: dataset({ id: 'm', count: 99 }) },
      'ENG_INSUFFICIENT_SAMPLES',
      '/data/members',
    ],
    [
      'so few flipped labels that no score can be judged',
      { test: { noisyLabels: { flip: 0.004 } } },
      'ENG_INSUFFICIENT_SAMPLES',
      '/tests/labelMemorization/noisyLabels/flip',
    ],
    [
      'more random levels than can be afforded',
      { test: { randomLabels: { epochs: 1000, seeds: 8 } }, members: dataset({ id: 'm', count: 100_000 }) },
      'ENG_REQUEST_INVALID',
      '/tests/labelMemorization/randomLabels',
    ],
    [
      'more noisy runs than can be afforded',
      { test: { noisyLabels: { runs: 16 } }, model: classifier({ parameterCount: 200_000_000 }) },
      'ENG_REQUEST_INVALID',
      '/tests/labelMemorization/noisyLabels',
    ],
  ];
  for (const [what, given, code, pointer] of cases)
    it(`refuses ${what}`, () => {
      const error = refusal(given);
      assert.equal(error.code, code, error.message);
      assert.ok(
        error.faults.some((fault) => fault.pointer === pointer),
        JSON.stringify(error.faults),
      );
    });

  it('refuses members that all have one label', () => {
    const members = dataset({ id: 'm' });
    const label = { ...members.inspected.fields.label!, minimum: 2, maximum: 2 };
    const uniform = { ...members, inspected: { ...members.inspected, fields: { ...members.inspected.fields, label } } };
    const error = refusal({ members: uniform as StoredDataset });
    assert.deepEqual([error.code, error.faults[0].pointer], ['ENG_ONE_CLASS_ONLY', '/data/members']);
  });

  it('refuses to be asked for nothing', () => {
    const parsed = auditRequest.safeParse({
      data,
      tests: { labelMemorization: { randomLabels: null, noisyLabels: null } },
    });
    assert.deepEqual(parsed.error?.issues[0].path, ['tests', 'labelMemorization']);
  });
});

describe('planning a test of label memorization', () => {
  const kinds = (test: Asked) =>
    plan(test)
      .tasks.map(({ kind }) => kind)
      .toSorted();

  it('trains each protocol in a task of its own, then scores', () => {
    assert.deepEqual(kinds({}), [
      'collect-signals',
      'score-label-memorization',
      'train-label-noise',
      'train-label-noise',
      'write-report',
    ]);
    assert.equal(kinds({ noisyLabels: null }).filter((kind) => kind === 'train-label-noise').length, 1);
  });

  it('trains nothing again for another share to review, and other models under another seed', () => {
    const trained = (test: Asked, seed?: number) =>
      plan(test, seed).tasks.flatMap(({ kind, key }) => (kind === 'train-label-noise' ? [key] : []));
    assert.deepEqual(trained({ reviewShare: 0.05 }), trained({}));
    assert.ok(trained({}, 2).every((key) => !trained({}).includes(key)));
  });
});
