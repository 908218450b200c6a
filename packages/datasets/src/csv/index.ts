import { pipeline } from 'node:stream/promises';
import { CsvError, type Options, parse } from 'csv-parse';
import { z } from 'zod';
import { lineBlocks } from '../bytes/line-blocks.js';
import { RowBatch } from '../columns/row-batch.js';
import { fieldError, printable, unreadableFile } from '../field-error.js';
import { defineReader, type ReadPass } from '../reader.js';
import { uploadPath } from '../upload-path.js';
import { CsvColumn } from './csv-column.js';

const columnName = z.string().min(1).max(200);

const settings = {
  delimiter: z.enum([',', ';', '\t', '|']).optional().describe('Comma when absent'),
  header: z
    .array(columnName)
    .min(1)
    .max(100_000)
    .optional()
    .describe('Names of the columns, for files whose first row already holds values'),
};

/** Comma-separated values with a header row (RFC 4180), UTF-8, gzipped or not. */
export const csv = defineReader({
  format: 'csv',
  summary: 'CSV with a header row, gzipped or not; a field is one column, or several numeric ones.',
  layout: 'rows',
  settings,
  fieldSpec: z
    .strictObject({
      file: uploadPath.optional(),
      column: columnName.optional(),
      columns: z.array(columnName).min(1).max(100_000).optional(),
    })
    .refine((spec) => (spec.column === undefined) !== (spec.columns === undefined), 'needs either column or columns'),
  async read(pass: ReadPass): Promise<void> {
    const { delimiter, header } = z.object(settings).parse(pass.settings);
    const progress = new LineProgress(lineBlocks(pass.source.unpacked(), pass.limits.lineBytes, pass.source));
    const options: Options = {
      delimiter: delimiter ?? ',',
      max_record_size: pass.limits.lineBytes,
      skip_empty_lines: true,
    };
    const parser = parse(options);
    const pumping = pipeline(progress.blocks(), parser).catch(() => {});
    try {
      let columns = header === undefined ? undefined : selectColumns(pass, header);
      for await (const record of parser as AsyncIterable<string[]>) {
        if (columns === undefined) columns = selectColumns(pass, record);
        else for (const column of columns) if (column.take(record)) await column.batch.flush();
      }
      for (const column of columns ?? []) await column.batch.flush();
    } catch (error) {
      throw csvError(error, progress, pass);
    } finally {
      parser.destroy();
      await pumping;
    }
  },
});

function selectColumns(pass: ReadPass, header: readonly string[]): CsvColumn[] {
  const names = header.map((name) => name.trim());
  return pass.columns.map((column) => {
    const wanted = column.spec.columns ?? [column.spec.column ?? ''];
    const places = wanted.map((name) => {
      const place = names.indexOf(name);
      if (place < 0 || names.indexOf(name, place + 1) >= 0)
        throw fieldError(
          'ENG_MANIFEST_INVALID',
          column.pointer,
          `${pass.source.path} has ${place < 0 ? 'no' : 'more than one'} column ${printable(name)}; its ${names.length} columns are ${names.slice(0, 20).map(printable).join(', ')}${names.length > 20 ? ', ...' : ''}`,
          'Name one of the columns of the header row; give `header` in the manifest when the file has none.',
        );
      return place;
    });
    return new CsvColumn(new RowBatch(column), places, wanted, header.length);
  });
}

/** Follows the lines fed to the parser, to tell a damaged line from a file that ends too early. */
class LineProgress {
  /** Lines that ended with a line feed. */
  lines = 0;
  endsInLine = false;
  private readonly source: AsyncIterable<Buffer>;

  constructor(source: AsyncIterable<Buffer>) {
    this.source = source;
  }

  async *blocks(): AsyncGenerator<Buffer> {
    for await (const block of this.source) {
      for (let at = block.indexOf(10); at >= 0; at = block.indexOf(10, at + 1)) this.lines++;
      this.endsInLine = block.at(-1) !== 10;
      yield block;
    }
  }
}

function csvError(error: unknown, progress: LineProgress, { source, limits }: ReadPass): unknown {
  if (!(error instanceof CsvError)) return error;
  const line = typeof error.lines === 'number' ? error.lines : progress.lines;
  const isLast = progress.endsInLine && line > progress.lines;
  if (error.code === 'CSV_QUOTE_NOT_CLOSED' || (isLast && error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH'))
    return fieldError(
      'ENG_FILE_TRUNCATED',
      source.pointer,
      `${source.path} ends inside a record, at line ${line}`,
      'Send the whole file again; compare its size with the original.',
      { details: { line } },
    );
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    return fieldError(
      'ENG_UPLOAD_TOO_LARGE',
      source.pointer,
      `${source.path} has a record of more than ${limits.lineBytes} bytes near line ${line}`,
      'Check the quotes; use npy for large arrays.',
    );
  return unreadableFile(
    source,
    error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH'
      ? `line ${line} does not have as many columns as the first`
      : `line ${line} is not CSV (${error.code})`,
  );
}
