import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngramError } from '@engram/domain';
import { parseModelManifest, recipeOf } from './manifest.js';

describe('the model manifest', () => {
  it('fills the recipe with defaults and says which', () => {
    const { manifest, defaulted } = parseModelManifest({
      name: 'a',
      kind: 'tfjs-layers',
      training: { epochs: 5, optimizer: { kind: 'sgd' } },
    });
    assert.deepEqual(recipeOf(manifest.training!, manifest.task), {
      optimizer: { kind: 'sgd', learningRate: 1e-3 },
      epochs: 5,
      batchSize: 64,
      loss: 'crossEntropy',
      weightDecay: 0,
      schedule: 'constant',
      augmentation: [],
      seed: 1,
    });
    assert.deepEqual(defaulted.toSorted(), [
      '/training/augmentation',
      '/training/batchSize',
      '/training/loss',
      '/training/optimizer/learningRate',
      '/training/schedule',
      '/training/seed',
      '/training/weightDecay',
    ]);
  });

  it('takes the task from the kind', () => {
    assert.equal(parseModelManifest({ name: 'a', kind: 'causal-lm' }).manifest.task, 'causal-lm');
    assert.equal(parseModelManifest({ name: 'a', kind: 'onnx' }).manifest.task, 'classification');
  });

  it('trains regressions by squared error, and refuses a loss that is not that of the task', () => {
    const training = (task: string, recipe: object) =>
      parseModelManifest({ name: 'a', kind: 'tfjs-layers', task, training: recipe }).manifest.training!.loss;
    assert.equal(training('regression', {}), 'meanSquaredError');
    assert.equal(training('regression', { loss: 'meanSquaredError' }), 'meanSquaredError');
    for (const [task, loss, message] of [
      ['regression', 'crossEntropy', 'a regression model is trained by meanSquaredError, got crossEntropy'],
      ['classification', 'meanSquaredError', 'a classification model is trained by crossEntropy, got meanSquaredError'],
    ] as const)
      assert.throws(
        () => training(task, { loss }),
        (error) => {
          assert.ok(error instanceof EngramError);
          assert.deepEqual(error.faults, [{ pointer: '/training/loss', message }]);
          return error.code === 'ENG_MANIFEST_INVALID';
        },
      );
  });

  it('points at every fault', () => {
    const faulty = {
      name: '',
      kind: 'tfjs-layers',
      colour: 'red',
      training: { epochs: 0, optimizer: { learningRate: -1 } },
    };
    assert.throws(
      () => parseModelManifest(faulty),
      (error: unknown) => {
        assert.ok(error instanceof EngramError);
        assert.equal(error.code, 'ENG_MANIFEST_INVALID');
        const pointers = error.faults.map((fault) => fault.pointer);
        assert.ok(
          ['/name', '/training/epochs', '/training/optimizer/learningRate'].every((pointer) =>
            pointers.includes(pointer),
          ),
          pointers.join(),
        );
        return true;
      },
    );
  });

  it('refuses momentum for other optimizers, tasks that do not fit the kind, and steps that do not increase', () => {
    const faults = (extra: object) => {
      try {
        parseModelManifest({ name: 'a', kind: 'tfjs-layers', ...extra });
        return [];
      } catch (error) {
        return (error as EngramError).faults.map((fault) => fault.pointer);
      }
    };
    assert.deepEqual(faults({ training: { optimizer: { kind: 'adam', momentum: 0.9 } } }), [
      '/training/optimizer/momentum',
    ]);
    assert.deepEqual(faults({ task: 'causal-lm' }), ['/task']);
    assert.deepEqual(faults({ kind: 'causal-lm', task: 'regression' }), ['/task']);
    assert.deepEqual(faults({ task: 'regression', output: 'logits' }), ['/output']);
    assert.deepEqual(
      faults({
        training: {
          checkpoints: [
            { step: 5, file: 'a' },
            { step: 5, file: 'b' },
          ],
        },
      }),
      ['/training/checkpoints'],
    );
  });
});
