import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auditRequest } from '@engram/contract';
import type { InspectedModel, StoredModel } from '@engram/domain';
import type { AuditResources } from '../../resources.js';
import { classifier, dataset, languageModel, onnxClassifier, texts } from '../../testing/made-resources.js';
import { Faults } from '../faults.js';
import { resolveAudit } from '../resolve.js';
import { whiteBoxMeasures } from './white-box-measures.js';

const lastLayer = { width: 8, head: 'softmax', bias: true } as const;

function offered(model: StoredModel | undefined, datasets: AuditResources['datasets'] = pair()) {
  const request = auditRequest.parse({
    data: { members: 'dst_members1', nonMembers: 'dst_nonMembers1' },
    tests: { membership: {} },
  });
  const resources = { datasets, ...(model === undefined ? {} : { model }) };
  return whiteBoxMeasures(resolveAudit('aud_1', request, resources, new Faults()));
}

function pair(traces: readonly (number | null)[] = [null, null]): AuditResources['datasets'] {
  const [members, nonMembers] = traces.map((moments, i) =>
    dataset({
      id: `ds_${i}`,
      fields: { input: [4], label: [], loss: [], ...(moments === null ? {} : { lossTrace: [moments] }) },
    }),
  );
  return { members, nonMembers };
}

const layers = (rest: Partial<InspectedModel> = {}) => classifier({ lastLayer, ...rest });

describe('what can be read inside a target', () => {
  it('is every gradient and the last layer of a layers model that ends in a dense layer', () => {
    assert.deepEqual(offered(layers()), ['lastLayerGradientNorm', 'leverage', 'gradientNorm']);
    assert.deepEqual(offered(classifier()), ['gradientNorm']);
  });

  it('is the last layer alone of an ONNX model that names what it reads, and nothing of one that does not', () => {
    const named = { ...onnxClassifier(), inspected: { ...onnxClassifier().inspected, lastLayer } };
    assert.deepEqual(offered(named), ['lastLayerGradientNorm', 'leverage']);
    assert.deepEqual(offered(onnxClassifier()), []);
  });

  it('leaves out the curvature of a last layer too large for so many samples, or of unknown size', () => {
    const wide = (width: number | null) => offered(layers({ lastLayer: { ...lastLayer, width } })).includes('leverage');
    // Three classes and a bias, 2,000 samples: 50,001 weights, 2.0e11, one step above; 49,998 are below.
    assert.deepEqual([wide(16_666), wide(16_665), wide(null)], [false, true, false]);
    const of = (count: number) => ({ members: dataset({ id: 'm', count }), nonMembers: dataset({ id: 'n', count }) });
    const many = (width: number) =>
      offered(layers({ lastLayer: { ...lastLayer, width } }), of(50_000)).includes('leverage');
    // 8,190 weights are inverted whole, however many samples there are; 8,193 are not.
    assert.deepEqual([many(2729), many(2730)], [true, false]);
  });

  it('is the same of a regression: gradients, and the layer that makes its prediction', () => {
    const regression = {
      task: 'regression',
      output: { shape: [1], meaning: 'prediction' },
      abilities: ['predictions', 'gradients', 'weights', 'train', 'features'],
      lastLayer: { width: 8, head: 'linear', bias: true },
    } as const;
    const data = () => ({ ...dataset({ id: 'd', fields: { input: [4], target: [] } }) });
    const found = (rest: object = {}) =>
      offered(classifier({ ...regression, ...rest }), { members: data(), nonMembers: data() });
    assert.deepEqual(found(), ['lastLayerGradientNorm', 'leverage', 'gradientNorm']);
    assert.deepEqual(found({ lastLayer: undefined }), ['gradientNorm']);
  });

  it('is the course of training where two checkpoints or more came along', () => {
    assert.ok(offered(layers({ checkpoints: [0, 10] })).includes('lossTrace'));
    assert.ok(!offered(layers({ checkpoints: [10] })).includes('lossTrace'));
  });

  it('is the course of training where every dataset wrote its losses down at the same moments', () => {
    assert.deepEqual(offered(undefined, pair([5, 5])), ['lossTrace']);
    for (const traces of [
      [5, 4],
      [5, null],
      [null, 5],
      [null, null],
    ])
      assert.deepEqual(offered(undefined, pair(traces)), []);
    assert.deepEqual(
      offered(undefined, { ...pair([5, 5]), calibration: dataset({ id: 'c', fields: { loss: [] } }) }),
      [],
    );
  });

  it('is nothing of a language model', () => {
    assert.deepEqual(offered(languageModel(), { members: texts('m'), nonMembers: texts('n') }), []);
  });
});
