import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { classifier } from '../testing/made-resources.js';
import { itRefuses, settle } from '../testing/settle.js';

describe('choosing a recipe', () => {
  itRefuses([
    [
      'a recipe that augments what are no images',
      { tests: { membership: { referenceModels: { recipe: { augmentation: ['mirror'] } } } } },
      'ENG_ATTACK_NOT_APPLICABLE',
      ['/tests/membership/referenceModels/recipe/augmentation'],
    ],
  ]);

  it('takes the recipe of the request before that of the manifest, and says when there is neither', () => {
    assert.equal(settle().recipe!.from, 'manifest');
    const asked = settle({ tests: { membership: { referenceModels: { recipe: { epochs: 7 } } } } }).recipe!;
    assert.deepEqual([asked.from, asked.recipe.epochs], ['request', 7]);
    const bare = settle({ model: classifier({}, null) });
    assert.equal(bare.recipe!.from, 'default');
    assert.ok(bare.notices.some((notice) => notice.includes('without a training recipe')));
  });
});
