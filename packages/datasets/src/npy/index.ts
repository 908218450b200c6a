import { z } from 'zod';
import { defineReader, type ReadPass } from '../reader.js';
import { uploadPath } from '../upload-path.js';
import { readNpy } from './read-npy.js';

/** NumPy arrays, one .npy file (gzipped or not) per field. */
export const npy = defineReader({
  format: 'npy',
  summary: 'NumPy arrays, one .npy file per field: integers, floats, booleans, fixed-width strings.',
  layout: 'arrays',
  settings: {},
  fieldSpec: z.strictObject({ file: uploadPath }),
  async read({ source, columns, limits, spool }: ReadPass): Promise<void> {
    const isPacked = await source.isPacked();
    for (const column of columns)
      await readNpy(
        {
          path: source.path,
          pointer: source.pointer,
          sizeBytes: isPacked ? undefined : source.sizeBytes,
          stream: () => source.unpacked(),
          open: () => (isPacked ? spool(source.unpacked()) : source.open()),
        },
        column,
        limits,
      );
  },
});
