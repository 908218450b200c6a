import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createRandom } from '@engram/numeric';
import { TaskBench } from '../testing/task-bench.js';

it('marks non-members that repeat a member but for noise, and none of those set aside', async () => {
  const bench = new TaskBench();
  const random = createRandom(5);
  const rows = (count: number) => Float32Array.from({ length: count * 6 }, () => random.normal());
  const members = rows(50);
  const nonMembers = rows(20);
  // Equal, nearly equal, and moved by half a deviation in each column.
  for (const [row, by] of [0, 0.001, 0.5].entries())
    for (let j = 0; j < 6; j += 1) nonMembers[row * 6 + j] = members[row * 6 + j] + by;
  const column = (data: Float32Array) => ({ input: { data, shape: [data.length / 6, 6] } });
  const inputs = {
    members: await bench.dataset(column(members)),
    nonMembers: await bench.dataset(column(nonMembers)),
    calibration: await bench.dataset(column(members.slice(0, 60))),
  };
  const { arrays, meta } = (await bench.run('find-near-duplicates', inputs)).bundle;
  const marks = [...arrays['column.nearMember'].data];
  assert.deepEqual(marks.slice(0, 50), new Array(50).fill(Number.NaN));
  assert.deepEqual(marks.slice(50, 70), [1, 1, ...new Array(18).fill(0)]);
  assert.deepEqual(marks.slice(70), new Array(10).fill(Number.NaN));
  assert.deepEqual([meta.count, meta.judged], [2, 20]);
});
