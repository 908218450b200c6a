import { z } from 'zod';
import { lineBlocks } from '../bytes/line-blocks.js';
import { RowBatch } from '../columns/row-batch.js';
import { fieldError, unreadableFile } from '../field-error.js';
import { defineReader, type ReadPass } from '../reader.js';
import { uploadPath } from '../upload-path.js';
import { JsonColumn } from './json-column.js';
import { parseLine } from './parse-line.js';

const key = z.string().min(1).max(200);

/** JSON lines: one object per line, gzipped or not. */
export const jsonl = defineReader({
  format: 'jsonl',
  summary: 'JSON lines, gzipped or not; a field is a key holding a number, nested arrays of numbers, or a string.',
  layout: 'rows',
  settings: {},
  fieldSpec: z
    .strictObject({
      file: uploadPath.optional(),
      column: key.optional(),
      columns: z.array(key).min(1).max(100_000).optional(),
    })
    .refine((spec) => (spec.column === undefined) !== (spec.columns === undefined), 'needs either column or columns'),
  async read(pass: ReadPass): Promise<void> {
    const columns = pass.columns.map((column) => new JsonColumn(new RowBatch(column)));
    let line = 0;
    for await (const block of lineBlocks(pass.source.unpacked(), pass.limits.lineBytes, pass.source)) {
      for (let start = 0; start < block.length; ) {
        const feed = block.indexOf(10, start);
        const end = feed < 0 ? block.length : feed;
        const text = block.toString('utf8', start, end).trim();
        line++;
        start = end + 1;
        if (text === '') continue;
        const record = parseRecord(text, line, feed < 0, pass);
        for (const column of columns) if (column.take(record, line)) await column.batch.flush();
      }
    }
    for (const column of columns) await column.batch.flush();
  },
});

function parseRecord(text: string, line: number, isUnended: boolean, { source }: ReadPass): Record<string, unknown> {
  let record: unknown;
  try {
    record = parseLine(text);
  } catch {
    // The parser's message quotes the text, so it is not kept.
    if (!isUnended) throw unreadableFile(source, `line ${line} is not JSON`);
    throw fieldError(
      'ENG_FILE_TRUNCATED',
      source.pointer,
      `${source.path} ends inside line ${line}, after ${Buffer.byteLength(text)} bytes of it`,
      'Send the whole file again; compare its size with the original.',
      { details: { line } },
    );
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    throw unreadableFile(source, `line ${line} is not a JSON object`);
  return record as Record<string, unknown>;
}
