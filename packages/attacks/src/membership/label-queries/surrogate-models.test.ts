import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngramError } from '@engram/domain';
import { linearSurrogates } from './made-surrogates.js';
import { surrogateRoles } from './surrogate-models.js';

const bank = (models: number, isUnseen = (_model: number, _sample: number) => true) =>
  linearSurrogates(Array<{ weights: number[]; bias: number }>(models).fill({ weights: [1], bias: 0 }), isUnseen);

describe('the parts reference models play for a sample', () => {
  test('are nine sources and three validation models where there are as many, and a quarter validates where not', () => {
    const split = (models: number) => {
      const { sources, validation } = surrogateRoles(bank(models), 0);
      return [sources.length, validation.length];
    };
    assert.deepEqual([64, 12, 10, 8, 6, 4].map(split), [
      [9, 3],
      [9, 3],
      [7, 3],
      [6, 2],
      [4, 2],
      [3, 1],
    ]);
  });

  test('go to models that did not train on it alone, in their order', () => {
    const halves = bank(10, (model, sample) => model % 2 === sample % 2);
    assert.deepEqual(surrogateRoles(halves, 4), { sources: [0, 2, 4, 6], validation: [8] });
    assert.deepEqual(surrogateRoles(halves, 5), { sources: [1, 3, 5, 7], validation: [9] });
  });

  test('are refused where fewer than four did not train on it', () => {
    assert.throws(
      () =>
        surrogateRoles(
          bank(8, (model, sample) => sample !== 3 || model < 3),
          3,
        ),
      (error: unknown) =>
        error instanceof EngramError &&
        error.code === 'ENG_ATTACK_NOT_APPLICABLE' &&
        /at least 4 .*, got 3 for sample 3$/.test(error.message),
    );
  });
});
