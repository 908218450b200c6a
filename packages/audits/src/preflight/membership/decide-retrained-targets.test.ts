import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditRequestInput, auditRequest } from '@engram/contract';
import type { StoredDataset, StoredModel } from '@engram/domain';
import { classifier, dataset, languageModel, onnxClassifier, texts } from '../../testing/made-resources.js';
import { pointersOf, refusalOf } from '../../testing/refusal.js';
import { decide } from '../decide.js';

type Membership = NonNullable<AuditRequestInput['tests']['membership']>;

const samples = { members: dataset({ id: 'members' }), nonMembers: dataset({ id: 'nonMembers' }) };

function settle(
  membership: Membership,
  model: StoredModel | null = classifier(),
  datasets: Record<string, StoredDataset> = samples,
) {
  const data = { members: 'dst_members1', nonMembers: 'dst_nonMembers1' };
  const request = auditRequest.parse({ data, tests: { membership } });
  return decide('aud_1', request, { datasets, ...(model === null ? {} : { model }) }).decisions;
}

const refusal = (...given: Parameters<typeof settle>) => refusalOf(() => settle(...given));

const at = ['/tests/membership/retrainedTargets'];

describe('deciding on retrained targets', () => {
  it('trains none unless asked, and five when asked', () => {
    assert.equal(settle({ attacks: ['loss'] }).membership?.retrainedTargets, 0);
    const { membership, recipe } = settle({ attacks: ['loss'], retrainedTargets: {} });
    assert.equal(membership?.retrainedTargets, 5);
    // No reference is trained, yet a recipe is settled.
    assert.deepEqual([membership?.referenceModels, recipe?.from], [0, 'manifest']);
  });

  it('says what they cost, and that members must be all the model was trained on', () => {
    const { notices } = settle({ attacks: ['loss'], retrainedTargets: { count: 7 } });
    assert.ok(
      notices.some((notice) => /^7 models are trained .* all 1,000 members for 20 epochs each\. If/.test(notice)),
    );
  });

  it('says when they are too few to call a member exposed, and which attacks are not run on them', () => {
    const { notices } = settle({
      attacks: ['loss', 'noiseRobustness', 'boundaryDistance'],
      retrainedTargets: { count: 3 },
    });
    assert.ok(notices.some((notice) => /With 3 retrained targets no member .* takes 5 or more/.test(notice)));
    assert.ok(
      notices.some((notice) => /^Not run on retrained targets: noiseRobustness, boundaryDistance/.test(notice)),
    );
  });

  it('refuses what cannot be trained here, with pointer and remedy', () => {
    const asked = { attacks: ['loss' as const], retrainedTargets: {} };
    const cases: readonly [StoredModel | null, Record<string, StoredDataset>, RegExp][] = [
      [onnxClassifier(), samples, /kind onnx cannot be trained here/],
      [languageModel(), { members: texts('m'), nonMembers: texts('n') }, /a language model is not retrained/],
      [
        null,
        {
          members: dataset({ id: 'members', fields: { loss: [] } }),
          nonMembers: dataset({ id: 'nonMembers', fields: { loss: [] } }),
        },
        /names no model to train them like/,
      ],
    ];
    for (const [model, datasets, message] of cases) {
      const error = refusal(asked, model, datasets);
      assert.deepEqual([error.code, pointersOf(error)], ['ENG_ATTACK_NOT_APPLICABLE', at]);
      assert.match(error.message, message);
      assert.match(error.remedy ?? '', /TensorFlow\.js layers model/);
    }
  });

  it('refuses when no attack could be run on them', () => {
    const error = refusal({ attacks: ['noiseRobustness', 'boundaryDistance'], retrainedTargets: {} });
    assert.deepEqual(pointersOf(error), at);
    assert.match(error.message, /got noiseRobustness, boundaryDistance/);
  });

  it('refuses more weights than are kept, those of reference models counted in', () => {
    // 4 GiB hold 16 models of 2^26 parameters.
    const large = classifier({ parameterCount: 2 ** 26 });
    const ask = (count: number): Membership => ({
      attacks: ['lira'],
      referenceModels: { count: 12 },
      retrainedTargets: { count },
    });
    assert.equal(settle(ask(4), large).membership?.retrainedTargets, 4);
    const error = refusal(ask(5), large);
    assert.deepEqual(pointersOf(error), at);
    assert.match(error.message, /at most 16 models .* got 5 retrained targets and 12 reference models/);
  });
});
