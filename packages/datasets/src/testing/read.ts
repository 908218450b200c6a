import assert from 'node:assert/strict';
import { EngramError, type ErrorCode, type InspectedDataset } from '@engram/domain';
import type { ReadLimits } from '../limits.js';
import { parseDatasetManifest } from '../manifest.js';
import { readDataset } from '../read-dataset.js';
import { MemoryStore } from './memory-store.js';

export const project = 'p';

/** Puts files and reads the dataset they make. */
export async function readFiles(
  manifest: object,
  files: Readonly<Record<string, Uint8Array>>,
  options: { readonly store?: MemoryStore; readonly limits?: ReadLimits } = {},
): Promise<InspectedDataset> {
  const store = options.store ?? new MemoryStore();
  const stored = new Map();
  for (const [path, bytes] of Object.entries(files)) stored.set(path, await store.put(project, bytes));
  return await readDataset({
    manifest: parseDatasetManifest({ name: 'test', ...manifest }),
    files: stored,
    store,
    project,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
}

export interface Refusal {
  readonly code: ErrorCode;
  readonly pointer: string;
  readonly message?: RegExp;
}

/** Reads what must be refused: by this code, with a fault at this place, a remedy, and nothing left behind. */
export async function refused(
  manifest: object,
  files: Readonly<Record<string, Uint8Array>>,
  { code, pointer, message = /./ }: Refusal,
  limits?: ReadLimits,
): Promise<EngramError> {
  const store = new MemoryStore();
  const error = await readFiles(manifest, files, { store, ...(limits === undefined ? {} : { limits }) }).then(
    () => assert.fail('the dataset was accepted'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof EngramError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  assert.equal(error.faults[0]?.pointer, pointer);
  assert.match(error.remedy ?? '', /\w/);
  assertOnlyFiles(store, files);
  return error;
}

/** The store holds the uploaded files and nothing else, and no put is left waiting. */
export function assertOnlyFiles(store: MemoryStore, files: Readonly<Record<string, Uint8Array>>): void {
  const distinct = new Set(Object.values(files).map((bytes) => Buffer.from(bytes).toString('latin1')));
  assert.equal(store.artifacts.size, distinct.size);
  assert.equal(store.openPuts, 0);
}
