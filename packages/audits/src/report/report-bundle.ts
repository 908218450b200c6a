import type { Report } from '@engram/contract';
import { type Bundle, EngramError, type NdArray } from '@engram/domain';

/** One row of the per-sample table: what leaks, what can be extracted and what is hard to remove, side by side. */
export interface SampleRow {
  readonly sampleId: string;
  readonly dataset: string;
  readonly index: number;
  /** Scores, labels, membership; null where the column does not apply to this sample. */
  readonly [column: string]: string | number | null;
}

/** The per-sample table of a finished audit, column by column. */
export interface SampleTable {
  readonly count: number;
  /** In order: sampleId, dataset, index, label, member, then scores. */
  readonly columns: readonly string[];
  row(index: number): SampleRow;
}

/** What the last task of an audit leaves: the report, and the per-sample table beside it. */
export function reportBundle(report: Report, table: SampleColumns): Bundle {
  const encoder = new TextEncoder();
  const ids = table.sampleIds.map((id) => encoder.encode(id));
  const offsets = new Float64Array(ids.length + 1);
  ids.forEach((bytes, i) => {
    offsets[i + 1] = offsets[i] + bytes.length;
  });
  const bytes = new Uint8Array(offsets[ids.length]);
  ids.forEach((id, i) => {
    bytes.set(id, offsets[i]);
  });
  const arrays: Record<string, NdArray> = {
    'sampleId.bytes': { data: bytes, shape: [bytes.length] },
    'sampleId.offsets': { data: offsets, shape: [offsets.length] },
    dataset: { data: table.datasetCodes, shape: [ids.length] },
    index: { data: table.indices, shape: [ids.length] },
  };
  for (const [name, data] of Object.entries(table.columns)) arrays[`column.${name}`] = { data, shape: [data.length] };
  return {
    arrays,
    meta: {
      report: JSON.parse(JSON.stringify(report)),
      datasets: [...table.datasets],
      columns: Object.keys(table.columns),
    },
  };
}

/** Columns of the per-sample table before it is written. NaN = not applicable to this sample. */
export interface SampleColumns {
  readonly sampleIds: readonly string[];
  readonly datasets: readonly string[];
  /** (n) index into `datasets`. */
  readonly datasetCodes: Uint8Array;
  /** (n) row within its dataset. */
  readonly indices: Int32Array;
  /** name → (n). */
  readonly columns: Readonly<Record<string, Float64Array>>;
}

export function readReport(bundle: Bundle): Report {
  const report = bundle.meta.report;
  if (report === undefined)
    throw new EngramError('ENG_ARTIFACT_CORRUPT', 'expected a report in the bundle, found none');
  return report as unknown as Report;
}

export function readSampleTable(bundle: Bundle): SampleTable {
  const array = (name: string) => {
    const found = bundle.arrays[name];
    if (found === undefined) throw new EngramError('ENG_ARTIFACT_CORRUPT', `expected the array ${name} in the bundle`);
    return found.data;
  };
  const bytes = array('sampleId.bytes') as Uint8Array;
  const offsets = array('sampleId.offsets');
  const codes = array('dataset');
  const indices = array('index');
  const datasets = bundle.meta.datasets as readonly string[];
  const names = bundle.meta.columns as readonly string[];
  const columns = names.map((name) => array(`column.${name}`));
  const decoder = new TextDecoder();
  return {
    count: codes.length,
    columns: ['sampleId', 'dataset', 'index', ...names],
    row(index) {
      const row: Record<string, string | number | null> = {
        sampleId: decoder.decode(bytes.subarray(offsets[index], offsets[index + 1])),
        dataset: datasets[codes[index]],
        index: indices[index],
      };
      names.forEach((name, column) => {
        const value = columns[column][index];
        row[name] = Number.isNaN(value) ? null : value;
      });
      return row as SampleRow;
    },
  };
}
