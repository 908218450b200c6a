import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certifiedMembers } from '@engram/contract';
import { createRandom } from '@engram/numeric';
import { certifiedList } from './certified-list.js';

const membership = Uint8Array.from({ length: 1000 }, (_, i) => Number(i < 500));
const sampleIds = [...membership.keys()].map((i) => `s${i}`);

function list(shift: number, calibrationShift = 0) {
  const random = createRandom(2);
  const scores = Float64Array.from(membership, (member) => random.normal() + shift * member);
  const calibrationScores = Float64Array.from({ length: 1000 }, () => random.normal() + calibrationShift);
  const given = {
    scoreId: 'lira',
    scores,
    calibrationScores,
    membership,
    sampleIds,
    fdr: 0.05,
    confidence: 0.95,
    seed: 1,
  };
  return { scores, ...certifiedList(given) };
}

test('certifies members, the surest first, and tells the truth of its list', () => {
  const { section, marks, scores, limit } = list(4);
  certifiedMembers.parse(section);
  assert.ok(section !== null && marks !== null && limit === null);
  assert.ok(section.count > 300 && section.expectedFalseShare <= 0.05);
  const rows = section.sampleIds.map((id) => Number(id.slice(1)));
  assert.ok(rows.every((row, i) => i === 0 || scores[row] <= scores[rows[i - 1]]));
  assert.deepEqual([...marks.keys()].filter((row) => marks[row] === 1).sort(), [...rows].sort());
  const wrong = rows.filter((row) => membership[row] === 0).length;
  assert.ok(
    section.realisedFalseShare.status === 'measured' && section.realisedFalseShare.value === wrong / rows.length,
  );
  assert.equal(section.shortestList, Math.ceil(1000 / (0.05 * 1001)));
});

test('lists nobody where nothing stands out', () => {
  const { section } = list(0);
  assert.deepEqual([section?.count, section?.sampleIds, section?.realisedFalseShare.status], [0, [], 'notMeasured']);
});

test('certifies nothing against calibration samples of another source', () => {
  const { section, marks, limit } = list(4, -1);
  assert.deepEqual([section, marks], [null, null]);
  assert.match(limit ?? '', /tells the calibration samples from the non-members judged \(AUC 0\.7/);
});
