import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readFiles } from './testing/read.js';
import { npyBytes } from './testing/write-formats.js';

const loss = npyBytes({ shape: [4], values: [1, 2, 3, 4] }, 'float64');

it('counts samples by the number of models trained on them, all together where members are not marked', async () => {
  // Samples 0 to 3 are in 2, 1, 0 and 1 of two models.
  const masks = npyBytes({ shape: [2, 4], values: [1, 1, 0, 0, 1, 0, 0, 1] }, 'int32');
  const { inclusion } = await readFiles(
    { format: 'npy', fields: { loss: { file: 'l' }, referenceLoss: { file: 'r' }, referenceMember: { file: 'm' } } },
    { l: loss, m: masks, r: npyBytes({ shape: [2, 4], values: Array(8).fill(1) }, 'float64') },
  );
  assert.deepEqual(inclusion, { all: [1, 2, 1] });
});

it('says nothing of datasets without masks', async () => {
  const found = await readFiles({ format: 'npy', fields: { loss: { file: 'l' } } }, { l: loss });
  assert.equal('inclusion' in found, false);
});
