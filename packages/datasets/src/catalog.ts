import { csv } from './csv/index.js';
import { idx } from './idx/index.js';
import { jsonl } from './jsonl/index.js';
import { npy } from './npy/index.js';
import { npz } from './npz/index.js';

/** Every format a dataset can come in. A format is added by its folder and its line here. */
export const readers = { npy, npz, idx, csv, jsonl } as const;

export type DatasetFormat = keyof typeof readers;
