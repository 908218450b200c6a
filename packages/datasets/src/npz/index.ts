import type { RandomAccess } from '@engram/domain';
import { z } from 'zod';
import { UnpackBudget } from '../bytes/unpack-budget.js';
import { fieldError, printable } from '../field-error.js';
import { readNpy } from '../npy/read-npy.js';
import { type ColumnSink, defineReader, type ReadPass } from '../reader.js';
import { uploadPath } from '../upload-path.js';
import { ZipArchive, type ZipEntry } from '../zip/zip-archive.js';

const mostArrays = 1_000;

/** NumPy archives: a zip file of .npy entries, stored (`savez`) or deflated (`savez_compressed`). */
export const npz = defineReader({
  format: 'npz',
  summary: 'NumPy archives, stored or compressed; every field names one array.',
  layout: 'arrays',
  settings: {},
  fieldSpec: z.strictObject({
    file: uploadPath.optional(),
    array: z.string().min(1).max(200).describe('Name of the array inside the archive'),
  }),
  async read(pass: ReadPass): Promise<void> {
    const access = await pass.source.open();
    try {
      const entries = await arraysIn(access, pass);
      for (const column of pass.columns) await readArray(entries, column, pass);
    } finally {
      await access.close();
    }
  },
});

async function arraysIn(access: RandomAccess, { source }: ReadPass): Promise<Map<string, ZipEntry>> {
  const archive = await ZipArchive.open(access, source);
  if (archive.entryCount > mostArrays)
    throw fieldError(
      'ENG_ARCHIVE_UNSAFE',
      source.pointer,
      `${source.path} has ${archive.entryCount} entries, at most ${mostArrays} are allowed`,
      'Save only the arrays the dataset needs.',
    );
  const entries = new Map<string, ZipEntry>();
  for await (const entry of archive.entries()) {
    const name = entry.name.replace(/\.npy$/, '');
    if (entries.has(name))
      throw fieldError(
        'ENG_ARCHIVE_UNSAFE',
        source.pointer,
        `${source.path} has two entries named ${printable(name)}`,
        'Save the archive again with each array once.',
      );
    entries.set(name, entry);
  }
  return entries;
}

async function readArray(entries: ReadonlyMap<string, ZipEntry>, column: ColumnSink, pass: ReadPass): Promise<void> {
  const { source, limits, spool } = pass;
  const name = column.spec.array ?? '';
  const entry = entries.get(name);
  if (entry === undefined)
    throw fieldError(
      'ENG_MANIFEST_INVALID',
      column.pointer,
      `${source.path} has no array ${printable(name)}; it has ${[...entries.keys()].slice(0, 20).map(printable).join(', ') || 'none'}`,
      'Name one of the arrays the archive has.',
    );
  const path = `${source.path}[${printable(name)}]`;
  const stream = () => entry.bytes(new UnpackBudget(limits, path, source.pointer));
  const npySource = { path, pointer: source.pointer, sizeBytes: entry.sizeBytes, stream, open: () => spool(stream()) };
  await readNpy(npySource, column, limits);
}
