import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@engram/service';
import { openFolderStore } from '@engram/storage';
import type { LightMyRequestResponse } from 'fastify';
import { type ApiServer, type ApiServerParts, openApiServer } from '../open-api-server.js';
import { outputsDataset, upload } from './files.js';
import { MemoryRecords } from './memory-records.js';
import { ScriptedQueue } from './scripted-queue.js';

export interface ApiUnderTest {
  readonly server: ApiServer;
  readonly records: MemoryRecords;
  readonly queue: ScriptedQueue;
  readonly store: ApiServerParts['store'];
  /** Artifacts stored for a project, by digest. */
  stored(project?: string): Promise<string[]>;
  /** Bytes in the store's folder, half-written files included. */
  storedBytes(): Promise<number>;
  close(): Promise<void>;
}

export interface ApiUnderTestOptions {
  readonly uploadBytes?: number;
  readonly filesPerUpload?: number;
  readonly apiKeys?: ApiServerParts['settings']['apiKeys'];
  readonly keysRequired?: boolean;
}

/** The whole API on memory records, a folder store and a queue that does what the test says. */
export async function openApiUnderTest(options: ApiUnderTestOptions = {}): Promise<ApiUnderTest> {
  const root = await mkdtemp(join(tmpdir(), 'engram-api-'));
  const store = await openFolderStore({ root, limits: { artifactBytes: 2 ** 40 } });
  const records = new MemoryRecords();
  const queue = new ScriptedQueue();
  const server = await openApiServer({
    settings: {
      host: '127.0.0.1',
      port: 0,
      limits: { uploadBytes: options.uploadBytes ?? 2 ** 30 },
      apiKeys: options.apiKeys ?? [],
      keysRequired: options.keysRequired ?? false,
    },
    logger: createLogger({ name: 'api', level: process.env.ENGRAM_TEST_LOG ?? 'silent' }),
    store,
    records,
    queue,
    ...(options.filesPerUpload === undefined ? {} : { filesPerUpload: options.filesPerUpload }),
    reconcileEveryMs: 3_600_000,
    quietMs: 0,
  });
  const files = async () =>
    (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return {
    server,
    records,
    queue,
    store,
    async stored(project = 'default') {
      const found = await files();
      return found
        .filter(({ parentPath }) => parentPath.startsWith(join(root, project)))
        .map(({ name }) => name)
        .filter((name) => /^[0-9a-f]{64}$/.test(name))
        .sort();
    },
    async storedBytes() {
      let total = 0;
      // A half-written file may be dropped between being listed and being looked at.
      for (const { parentPath, name } of await files())
        total += await stat(join(parentPath, name)).then(
          ({ size }) => size,
          () => 0,
        );
      return total;
    },
    async close() {
      await server.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

type App = ApiServer['app'];

export async function post(
  app: App,
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url, payload: body as object, headers });
}

export async function postUpload(
  app: App,
  url: string,
  manifest: unknown,
  files: Readonly<Record<string, Uint8Array>>,
  headers: Record<string, string> = {},
): Promise<LightMyRequestResponse> {
  const form = await upload(manifest, files);
  return app.inject({ method: 'POST', url, payload: form.payload, headers: { ...form.headers, ...headers } });
}

/** Uploads recorded outputs and gives the id of the dataset. */
export async function givenOutputs(app: App, samples = 400, headers: Record<string, string> = {}): Promise<string> {
  const { manifest, files } = outputsDataset(samples);
  const response = await postUpload(app, '/v1/datasets', manifest, files, headers);
  if (response.statusCode !== 201) throw new Error(response.body);
  return response.json().id;
}
