import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Report } from '@engram/contract';
import type { EngramError } from '@engram/domain';
import { decodeBundle, encodeBundle } from '@engram/numeric';
import { readReport, readSampleTable, reportBundle } from './report-bundle.js';

const report = { auditId: 'aud_00000001', summary: ['für alle – 名'] } as unknown as Report;
const written = reportBundle(report, {
  sampleIds: ['a', '', 'Ωμέγα-😀', '3'],
  datasets: ['members', 'nonMembers'],
  datasetCodes: Uint8Array.of(0, 0, 1, 1),
  indices: Int32Array.of(0, 1, 0, 1),
  columns: { member: Float64Array.of(1, 1, 0, 0), difficulty: Float64Array.of(0.5, 2, Number.NaN, Number.NaN) },
});
const stored = decodeBundle(encodeBundle(written), 'report');

describe('the bundle of a report', () => {
  it('gives the report back as it was', () => {
    assert.deepEqual(readReport(stored), report);
  });

  it('gives every row back, ids in any script, and null where a column does not apply', () => {
    const table = readSampleTable(stored);
    assert.deepEqual([table.count, table.columns], [4, ['sampleId', 'dataset', 'index', 'member', 'difficulty']]);
    assert.deepEqual(table.row(1), { sampleId: '', dataset: 'members', index: 1, member: 1, difficulty: 2 });
    assert.deepEqual(table.row(2), {
      sampleId: 'Ωμέγα-😀',
      dataset: 'nonMembers',
      index: 0,
      member: 0,
      difficulty: null,
    });
    assert.equal(table.row(3).sampleId, '3');
  });

  it('holds a table without rows', () => {
    const empty = {
      sampleIds: [],
      datasets: [],
      datasetCodes: new Uint8Array(),
      indices: new Int32Array(),
      columns: {},
    };
    assert.equal(readSampleTable(decodeBundle(encodeBundle(reportBundle(report, empty)), 'report')).count, 0);
  });

  it('refuses a bundle that is no report', () => {
    const corrupt = (error: EngramError) => error.code === 'ENG_ARTIFACT_CORRUPT';
    assert.throws(() => readReport({ arrays: {}, meta: {} }), corrupt);
    assert.throws(() => readSampleTable({ arrays: {}, meta: {} }), corrupt);
  });
});
