import assert from 'node:assert/strict';
import { test } from 'node:test';
import { membershipSlices as slicesSchema } from '@engram/contract';
import { createRandom } from '@engram/numeric';
import { membershipSlices, type SliceValues } from './slices.js';

const n = 2000;
const membership = Uint8Array.from({ length: n }, (_, i) => i % 2);

function slicesOf(by: SliceValues, exposed: (row: number) => number = () => 0) {
  const random = createRandom(3);
  const scores = Float64Array.from(membership, (member, i) => random.normal() + member * exposed(i));
  return slicesSchema.parse(
    membershipSlices({ scoreId: 'loss', scores, membership, by, fpr: [0.1, 0.01], confidence: 0.95, seed: 1 }),
  );
}

const label = Int32Array.from({ length: n }, (_, i) => Math.floor(i / 2) % 5);

test('finds the class an attack works on, and no other', () => {
  const { slices } = slicesOf({ label }, (row) => (label[row] === 3 ? 1.5 : 0));
  assert.deepEqual(
    slices.map(({ value, members, nonMembers }) => [value, members, nonMembers]),
    ['0', '1', '2', '3', '4'].map((value) => [value, 200, 200]),
  );
  const [most] = [...slices].sort((a, b) => a.adjustedPValue - b.adjustedPValue);
  assert.equal(most.value, '3');
  assert.ok(most.adjustedPValue < 1e-6 && most.auc.status === 'measured' && most.auc.low > 0.75);
  for (const { adjustedPValue, pValue } of slices) assert.ok(adjustedPValue >= pValue);
});

test('shows a rate only where ten false positives are expected', () => {
  // 200 non-members: 0.1 wants 100, 0.01 wants 1,000.
  for (const { tprAtFpr } of slicesOf({ label }).slices)
    assert.deepEqual(
      tprAtFpr.map(({ fpr }) => fpr),
      [0.1],
    );
});

test('leaves out slices with fewer than fifty on a side, and says how many', () => {
  const uneven = Int32Array.from(label, (_, i) => (i < 98 ? 1 : i < 198 ? 2 : 0));
  const { slices, tooSmall } = slicesOf({ label: uneven });
  assert.deepEqual(
    slices.map(({ value }) => value),
    ['0', '2'],
  );
  assert.equal(tooSmall, 1);
});

test('shows the forty largest, and says how many more there are', () => {
  const many = Int32Array.from(label, (_, i) =>
    i < 100 * 20 ? (i % 2 === 0 ? Math.floor(i / 2) % 10 : Math.floor(i / 2) % 10) : 0,
  );
  const by = { label: many, correct: label, vulnerabilityDecile: many, outlierDecile: many, textLengthDecile: many };
  const { slices, beyondLimit } = slicesOf(by);
  assert.equal(slices.length, 40);
  assert.equal(beyondLimit, 5);
});

test('cuts values into ten equal parts and keeps rows without one out', () => {
  const values = Float64Array.from({ length: n }, (_, i) => (i < 200 ? Number.NaN : i));
  const { slices } = slicesOf({ outlierDecile: values });
  assert.deepEqual(
    slices.map(({ value, members }) => [value, members]),
    Array.from({ length: 10 }, (_, k) => [String(k + 1), 90]),
  );
});

test('names marks in words', () => {
  const marks = Uint8Array.from({ length: n }, (_, i) => Number(i < 1000));
  assert.deepEqual(
    slicesOf({ correct: marks, repeated: marks }).slices.map(({ slice, value }) => [slice, value]),
    [
      ['correct', 'right'],
      ['correct', 'wrong'],
      ['repeated', 'once'],
      ['repeated', 'repeated'],
    ],
  );
});

test('where nothing differs few slices stand out, in line with the correction', () => {
  // 200 audits of ten slices under the null: a share of about 0.05 has any adjusted p-value at or below 0.05.
  const random = createRandom(9);
  const deciles = Float64Array.from({ length: n }, (_, i) => Math.floor(i / 2) % 10);
  let any = 0;
  for (let run = 0; run < 200; run += 1) {
    const scores = Float64Array.from(membership, () => random.normal());
    const { slices } = membershipSlices({
      scoreId: 'loss',
      scores,
      membership,
      by: { label: deciles },
      fpr: [],
      confidence: 0.95,
      seed: run,
    });
    if (slices.some(({ adjustedPValue }) => adjustedPValue <= 0.05)) any += 1;
  }
  assert.ok(any / 200 < 0.05 + 4 * Math.sqrt((0.05 * 0.95) / 200), `${any}`);
});
