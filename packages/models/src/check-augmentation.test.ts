import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngramError } from '@engram/domain';
import { inspectModel } from './catalog.js';
import { augmentationFault } from './check-augmentation.js';
import { layer, layersModel, sequential } from './fixtures/layers-model.js';
import { parseModelManifest, recipeOf } from './manifest.js';

const manifest = (augmentation: readonly unknown[], kind = 'tfjs-layers') =>
  parseModelManifest({ name: 'a', kind, training: { augmentation } }).manifest;

const faultOf = (error: unknown) => {
  assert.ok(error instanceof EngramError);
  assert.equal(error.code, 'ENG_MANIFEST_INVALID');
  return error.faults.map(({ pointer, message }) => [pointer, message]);
};

describe('augmentation in a recipe', () => {
  it('is mirror, shift or both, each once, in whatever order', () => {
    const of = (names: readonly string[]) => recipeOf(manifest(names).training!, 'classification').augmentation;
    assert.deepEqual(of(['mirror']), ['mirror']);
    assert.deepEqual(of(['shift', 'mirror']), ['mirror', 'shift']);
    for (const [names, pointer, said] of [
      [['shift', 'shift'], '/training/augmentation', 'once'],
      [['rotate'], '/training/augmentation/0', '"mirror"|"shift"'],
    ] as const)
      assert.throws(
        () => manifest(names),
        (error) => {
          const [[at, message]] = faultOf(error) as [[string, string]];
          return at === pointer && message.includes(said);
        },
      );
  });

  it('is refused of a language model', () => {
    assert.throws(
      () => manifest(['mirror'], 'causal-lm'),
      (error) => {
        const [[at, message]] = faultOf(error) as [[string, string]];
        return at === '/training/augmentation' && message.includes('texts');
      },
    );
    assert.match(augmentationFault(['mirror'], { task: 'causal-lm', inputs: [] })!, /texts/);
  });

  it('is refused of a model whose inputs are no images, and taken of one of images', async () => {
    const model = (shape: readonly number[]) =>
      layersModel(sequential(shape, layer('Flatten'), layer('Dense', { units: 2 })));
    for (const shape of [
      [4, 4],
      [4, 4, 1],
      [3, 4, 4],
    ])
      assert.equal((await inspectModel(manifest(['shift']), model(shape))).task, 'classification');
    await assert.rejects(inspectModel(manifest(['shift']), model([16, 1])), (error) => {
      const [[at, message]] = faultOf(error) as [[string, string]];
      return at === '/training/augmentation' && message.includes('rows of shape [16,1]');
    });
    assert.equal((await inspectModel(manifest([]), model([16, 1]))).task, 'classification');
  });

  it('is taken where the file leaves open what the model takes', () => {
    const inputs = (shape: readonly (number | null)[]) => [{ name: 'x', shape, dtype: 'float32' }];
    assert.equal(augmentationFault(['mirror'], { task: 'classification', inputs: inputs([null, null, 3]) }), undefined);
    assert.match(augmentationFault(['mirror'], { task: 'regression', inputs: inputs([7]) })!, /\[7\]/);
  });
});
