import type { SampleTable } from '@engram/audits';

/** Rows are turned into text in pieces of this many, so that a long table neither fills memory nor blocks others. */
const rowsPerPiece = 500;

/** The whole table as CSV (RFC 4180): a header line, then one line a row; empty where a column does not apply. */
export async function* csvOf(table: SampleTable): AsyncGenerator<string> {
  yield `${table.columns.map(csvField).join(',')}\r\n`;
  yield* pieces(table, (row) => `${table.columns.map((column) => csvField(row[column] ?? null)).join(',')}\r\n`);
}

/** The whole table as JSON lines. */
export async function* ndjsonOf(table: SampleTable): AsyncGenerator<string> {
  yield* pieces(table, (row) => `${JSON.stringify(row)}\n`);
}

async function* pieces(
  table: SampleTable,
  line: (row: ReturnType<SampleTable['row']>) => string,
): AsyncGenerator<string> {
  for (let start = 0; start < table.count; start += rowsPerPiece) {
    const end = Math.min(table.count, start + rowsPerPiece);
    let piece = '';
    for (let index = start; index < end; index++) piece += line(table.row(index));
    yield piece;
    await new Promise(setImmediate);
  }
}

/**
 * Text that a spreadsheet would take for a formula is set off by an apostrophe: sample ids come from uploads and the
 * file is opened by whoever reads the audit.
 */
function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) && !Number.isFinite(Number(value)) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
