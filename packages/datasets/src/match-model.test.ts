import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngramError, type InspectedDataset, type InspectedModel } from '@engram/domain';
import { matchDatasetToModel } from './match-model.js';

function dataset(rowShape: number[], more: Partial<InspectedDataset> = {}): InspectedDataset {
  const input = { kind: 'numeric', dtype: 'float32', rowShape, rows: 9, digest: '', minimum: 0, maximum: 1 } as const;
  return { count: 9, fields: { input }, duplicates: 0, digest: '', ...more };
}

function model(shape: (number | null)[], more: Partial<InspectedModel> = {}): InspectedModel {
  return {
    kind: 'onnx',
    task: 'classification',
    inputs: [{ name: 'x', shape, dtype: 'float32' }],
    output: { shape: [10], meaning: 'logits' },
    classCount: 10,
    parameterCount: 1,
    abilities: [],
    digest: '',
    ...more,
  };
}

const text = { kind: 'text', rows: 9, digest: '', offsets: '', longestBytes: 1 } as const;

function refused(given: InspectedDataset, target: InspectedModel, code: string, message: RegExp) {
  assert.throws(
    () => matchDatasetToModel(given, target, '/data/members'),
    (error) => {
      assert.ok(error instanceof EngramError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.equal(error.faults[0]?.pointer, '/data/members');
      assert.match(error.remedy ?? '', /\w/);
      return true;
    },
  );
}

describe('matchDatasetToModel', () => {
  it('fits equal shapes and those that differ by axes of length 1', () => {
    const cases: [number[], (number | null)[], number[], boolean][] = [
      [[28, 28], [28, 28], [28, 28], false],
      [[28, 28], [28, 28, 1], [28, 28, 1], true],
      [[28, 28], [1, 28, 28], [1, 28, 28], true],
      [[1, 28, 28], [28, 28, 1], [28, 28, 1], true],
      [[446], [446], [446], false],
      [[], [1], [1], true],
      [[30], [null], [30], false],
      [[28, 28], [null, null, 1], [28, 28, 1], true],
      [[28, 28], [null, 28, 28], [1, 28, 28], true],
      [[1, 4], [1, null], [1, 4], false],
    ];
    for (const [rowShape, inputShape, expected, reshaped] of cases)
      assert.deepEqual(
        matchDatasetToModel(dataset(rowShape), model(inputShape), '/d'),
        { kind: 'input', rowShape: expected, reshaped },
        `[${rowShape}] into [${inputShape}]`,
      );
  });

  it('refuses other shapes, stating both', () => {
    const cases: [number[], (number | null)[]][] = [
      [[784], [28, 28]],
      [
        [28, 28, 3],
        [3, 28, 28],
      ],
      [[28, 28], [784]],
      [[5], [6]],
      [[5, 6], [null]],
      [[5], [null, 6]],
    ];
    for (const [rowShape, inputShape] of cases) {
      const shown = inputShape.map((axis) => axis ?? 'any');
      refused(
        dataset(rowShape),
        model(inputShape),
        'ENG_DATA_MODEL_MISMATCH',
        new RegExp(`\\[${rowShape}\\].*\\[${shown}\\]`),
      );
    }
  });

  it('refuses labels the model has no class for', () => {
    refused(
      dataset([4], { classCount: 11 }),
      model([4]),
      'ENG_LABEL_OUT_OF_RANGE',
      /up to 10, the model has 10 classes/,
    );
    assert.equal(matchDatasetToModel(dataset([4], { classCount: 10 }), model([4]), '/d').kind, 'input');
  });

  it('refuses datasets without inputs, and models with several', () => {
    refused(
      dataset([4], { fields: { text } }),
      model([4]),
      'ENG_DATA_MODEL_MISMATCH',
      /needs an input field, the dataset has text/,
    );
    const inputs = ['a', 'b'].map((name) => ({ name, shape: [4], dtype: 'float32' }));
    refused(dataset([4]), model([4], { inputs }), 'ENG_DATA_MODEL_MISMATCH', /2 inputs \(a, b\)/);
  });

  it('gives texts, else secrets, to language models', () => {
    const target = model([null], { task: 'causal-lm', kind: 'causal-lm' });
    const given = (fields: InspectedDataset['fields']) => matchDatasetToModel(dataset([4], { fields }), target, '/d');
    assert.deepEqual(given({ text, secret: text }), { kind: 'text', field: 'text' });
    assert.deepEqual(given({ secret: text }), { kind: 'text', field: 'secret' });
    refused(dataset([4]), target, 'ENG_DATA_MODEL_MISMATCH', /needs a text field, the dataset has input/);
  });
});
