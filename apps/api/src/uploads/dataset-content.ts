import { Readable } from 'node:stream';
import { openDataset, rowRanges } from '@engram/datasets';
import type { ArtifactStore, Dtype, FieldName, InspectedDataset, StoredField } from '@engram/domain';
import { ZipFile } from 'yazl';

/** NumPy's names of the stored element types: little-endian. */
const typeNames: Readonly<Record<Dtype, string>> = { float32: '<f4', float64: '<f8', int32: '<i4', uint8: '|u1' };

/** Shown as the date of every file: equal datasets give equal archives. */
const noDate = new Date(1980, 0, 1);

/**
 * The samples of a dataset as one archive that `numpy.load` reads: `<field>.npy` for every numeric field, and for every
 * text field `<field>.jsonl`, one JSON object a line with the text under the field's name. Streams: no more than a few
 * megabytes are held.
 */
export function datasetContent(inspected: InspectedDataset, store: ArtifactStore, project: string): Readable {
  const zip = new ZipFile();
  const archive = zip.outputStream as Readable;
  let current: Readable | undefined;
  for (const [name, field] of Object.entries(inspected.fields) as [FieldName, StoredField][]) {
    const isText = field.kind === 'text';
    zip.addReadStreamLazy(`${name}.${isText ? 'jsonl' : 'npy'}`, { mtime: noDate, compress: isText }, (take) => {
      current = Readable.from(isText ? lines(name) : array(field), { objectMode: false });
      take(null, current);
    });
  }
  async function* array(field: Extract<StoredField, { kind: 'numeric' }>): AsyncGenerator<Uint8Array> {
    yield npyHeader(field);
    yield* store.stream(project, field.digest);
  }
  async function* lines(name: FieldName): AsyncGenerator<Uint8Array> {
    const dataset = openDataset(inspected, store, project);
    for (const [start, end] of rowRanges(inspected, name)) {
      const texts = await dataset.texts(name, start, end);
      yield Buffer.from(texts.map((text) => `${JSON.stringify({ [name]: text })}\n`).join(''));
    }
  }
  zip.end();
  // A column that cannot be read cuts the archive short; a reader that leaves lets go of the column.
  zip.on('error', (error: Error) => archive.destroy(error));
  archive.on('close', () => current?.destroy());
  return archive;
}

/** Header of a .npy file, version 1.0: its length a multiple of 64, its last byte a newline. */
function npyHeader({ dtype, rows, rowShape }: Extract<StoredField, { kind: 'numeric' }>): Uint8Array {
  const shape = [rows, ...rowShape].join(', ');
  const fields = `{'descr': '${typeNames[dtype]}', 'fortran_order': False, 'shape': (${shape},), }`;
  const length = Math.ceil((10 + fields.length + 1) / 64) * 64 - 10;
  const prefix = Uint8Array.of(0x93, ...Buffer.from('NUMPY'), 1, 0, length & 0xff, length >> 8);
  return Buffer.concat([prefix, Buffer.from(`${fields.padEnd(length - 1)}\n`)]);
}
