import type { SampleTable } from '@engram/audits';
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';

const rowsPerGroup = 20_000;

/** Columns that hold text, and those that hold whole numbers; every other one is a score: a double or null. */
const textColumns: ReadonlySet<string> = new Set(['sampleId', 'dataset']);
const integerColumns: ReadonlySet<string> = new Set(['index', 'label', 'member']);

/** The whole table as Parquet, a row group at a time. */
export async function* parquetOf(table: SampleTable): AsyncGenerator<Uint8Array> {
  const writer = new DrainedWriter();
  const schema = schemaFromColumnData({ columnData: columnsOf(table, 0, 0) });
  const parquet = new ParquetWriter({ writer, schema, createdBy: 'engram' });
  for (let start = 0; start < table.count; start += rowsPerGroup) {
    const end = Math.min(table.count, start + rowsPerGroup);
    parquet.write({ columnData: columnsOf(table, start, end), rowGroupSize: rowsPerGroup });
    yield writer.drain();
    await new Promise(setImmediate);
  }
  parquet.finish();
  yield writer.drain();
}

function columnsOf(table: SampleTable, start: number, end: number) {
  const rows = Array.from({ length: end - start }, (_, offset) => table.row(start + offset));
  return table.columns.map((name) => ({
    name,
    type: textColumns.has(name)
      ? ('STRING' as const)
      : integerColumns.has(name)
        ? ('INT32' as const)
        : ('DOUBLE' as const),
    data: rows.map((row) => row[name] ?? null),
  }));
}

/** Gives its bytes away as they come, so that only one row group is held. */
class DrainedWriter extends ByteWriter {
  drain(): Uint8Array {
    const bytes = new Uint8Array(this.buffer.slice(0, this.index));
    this.index = 0;
    return bytes;
  }
}
