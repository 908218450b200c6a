import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { augmentedForm, mostForms } from './augmented-forms.js';

const image = (shape: readonly number[], values: readonly number[]) => ({ data: Float32Array.from(values), shape });
const square = image([1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
const form = (at: number) => [...augmentedForm(square, at).data];

describe('augmented forms of an image', () => {
  it('are the image, then its mirror image', () => {
    assert.deepEqual(form(0), [...square.data]);
    assert.deepEqual(form(1), [3, 2, 1, 6, 5, 4, 9, 8, 7]);
  });

  it('shift by a pixel and reflect what they uncover without repeating the edge', () => {
    // numpy.pad(x, 1, 'reflect') is [[5,4,5,6,5],[2,1,2,3,2],[5,4,5,6,5],[8,7,8,9,8],[5,4,5,6,5]]; its nine 3 x 3 windows.
    assert.deepEqual(form(2), [5, 4, 5, 2, 1, 2, 5, 4, 5]);
    assert.deepEqual(form(4), [4, 5, 6, 1, 2, 3, 4, 5, 6]);
    assert.deepEqual(form(16), [5, 6, 5, 8, 9, 8, 5, 6, 5]);
  });

  it('are eighteen, all different, each shift also mirrored', () => {
    const wide = image(
      [1, 4, 4],
      Array.from({ length: 16 }, (_, i) => i),
    );
    const forms = Array.from({ length: mostForms }, (_, at) => [...augmentedForm(wide, at).data].join());
    assert.equal(new Set(forms).size, 18);
    const mirror = augmentedForm(wide, 1);
    for (let at = 0; at < mostForms; at += 2)
      assert.ok(forms.includes([...augmentedForm(mirror, at).data].join()), `form ${at} of the mirror image`);
  });

  it('move all channels together, wherever they lie', () => {
    const last = image([1, 2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert.deepEqual([...augmentedForm(last, 1).data], [4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9]);
    const channel = (start: number) => Array.from({ length: 25 }, (_, i) => start + i);
    const first = image([1, 2, 5, 5], [...channel(0), ...channel(100)]);
    for (const at of [1, 2, 7]) {
      const alone = (start: number) => [...augmentedForm(image([1, 5, 5], channel(start)), at).data];
      assert.deepEqual([...augmentedForm(first, at).data], [...alone(0), ...alone(100)]);
    }
  });

  it('treat every image of a batch alike', () => {
    const two = image([2, 3, 3], [...square.data, ...square.data]);
    assert.deepEqual([...augmentedForm(two, 7).data], [...form(7), ...form(7)]);
  });
});
