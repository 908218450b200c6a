import { jsonArtifact } from '@engram/audits';
import {
  archiveKindOf,
  checkUploadPath,
  type DatasetManifest,
  defaultArchiveLimits,
  parseDatasetManifest,
  readDataset,
  unpackArchive,
} from '@engram/datasets';
import {
  type ArtifactStore,
  type Digest,
  EngramError,
  type InspectedDataset,
  type Json,
  type StoredDataset,
  type StoredField,
  type StoredModel,
} from '@engram/domain';
import { inspectModel, type ModelManifest, parseModelManifest } from '@engram/models';
import { type ItemRecord, newId, type RecordStore } from '@engram/storage';
import type { FastifyRequest } from 'fastify';
import type { Call, Handlers } from '../http/call.js';
import { clientGone } from '../http/client-gone.js';
import { datasetContent } from './dataset-content.js';
import { receiveUpload, type Upload, type UploadedFile, type UploadLimits } from './receive-upload.js';
import { type DigestsInFlight, deleteUnrecorded, type Staging, stageArtifacts } from './staged-artifacts.js';
import { datasetResource, modelResource } from './upload-resources.js';

export interface UploadParts {
  readonly records: RecordStore;
  readonly store: ArtifactStore;
  readonly inFlight: DigestsInFlight;
  readonly limits: UploadLimits;
  readonly stopping: AbortSignal;
}

type UploadRoutes =
  | 'createModel'
  | 'listModels'
  | 'getModel'
  | 'deleteModel'
  | 'createDataset'
  | 'listDatasets'
  | 'getDataset'
  | 'getDatasetContent'
  | 'deleteDataset';

export function uploadHandlers(parts: UploadParts): Pick<Handlers, UploadRoutes> {
  const { records } = parts;
  return {
    createModel: (call) => createModel(parts, call),
    createDataset: (call) => createDataset(parts, call),
    async listModels({ project, query }) {
      const { items, nextCursor } = await records.models.list(project, query);
      return { items: items.map(modelResource), nextCursor };
    },
    async listDatasets({ project, query }) {
      const { items, nextCursor } = await records.datasets.list(project, query);
      return { items: items.map(datasetResource), nextCursor };
    },
    async getModel({ project, params }) {
      return modelResource(await records.models.get(project, params.id));
    },
    async getDataset({ project, params }) {
      return datasetResource(await records.datasets.get(project, params.id));
    },
    async getDatasetContent({ project, params, reply }) {
      const { stored } = await records.datasets.get(project, params.id);
      return reply
        .type('application/zip')
        .header('content-disposition', `attachment; filename="${stored.id}.npz"`)
        .send(datasetContent(stored.inspected, parts.store, project));
    },
    async deleteModel({ project, params, reply }) {
      const { orphaned } = await records.models.delete(project, params.id);
      await deleteUnrecorded(staging(parts, project), orphaned);
      return reply.code(204).send();
    },
    async deleteDataset({ project, params, reply }) {
      const { orphaned } = await records.datasets.delete(project, params.id);
      await deleteUnrecorded(staging(parts, project), orphaned);
      return reply.code(204).send();
    },
  };
}

/** What the columns of a dataset consist of. */
function columnDigests(fields: Iterable<StoredField>): Digest[] {
  return [...fields].flatMap((field) => (field.kind === 'text' ? [field.digest, field.offsets] : [field.digest]));
}

function staging({ store, records, inFlight }: UploadParts, project: string) {
  return { store, project, inFlight, records };
}

async function createModel(parts: UploadParts, { project, request, reply }: Call<'createModel'>) {
  refuseServedModel(request);
  const record = await withStaging(parts, project, async ({ store }) => {
    const upload = await receive<ModelManifest>(parts, store, project, request, givenModelManifest);
    const { name } = upload.manifest;
    const files = [...upload.files].sort((a, b) => (a.path < b.path ? -1 : 1));
    const inspected = await inspectModel(upload.manifest, sourceOf(store, project, files)).catch(pointAtFile(files));
    const stored: StoredModel = { id: newId('model'), name, manifest: asJson(upload.manifest), inspected, files };
    const { digest: artifact } = await store.put(project, jsonArtifact(stored));
    const digests = files.map(({ digest }) => digest);
    await refuseVanished(store, project, digests);
    return parts.records.models.create(project, { stored, artifact, digests });
  });
  reply.code(201).header('location', `/v1/models/${record.stored.id}`);
  return modelResource(record);
}

async function createDataset(parts: UploadParts, { project, request, reply }: Call<'createDataset'>) {
  const signal = clientGone(reply, parts.stopping);
  const record = await withStaging(parts, project, async ({ store }) => {
    const upload = await receive<DatasetManifest>(parts, store, project, request, parseDatasetManifest);
    const { manifest } = upload;
    const files = new Map(upload.files.map((file) => [file.path, file]));
    const inspected = await readDataset({ manifest, files, store, project, signal });
    return recordDataset(parts, store, project, manifest, inspected);
  });
  reply.code(201).header('location', `/v1/datasets/${record.stored.id}`);
  return datasetResource(record);
}

/** Records a dataset whose columns are in the store. */
export async function recordDataset(
  { records }: UploadParts,
  store: ArtifactStore,
  project: string,
  manifest: Pick<DatasetManifest, 'name'>,
  inspected: InspectedDataset,
): Promise<ItemRecord<StoredDataset>> {
  const stored: StoredDataset = { id: newId('dataset'), name: manifest.name, manifest: asJson(manifest), inspected };
  const { digest: artifact } = await store.put(project, jsonArtifact(stored));
  const digests = columnDigests(Object.values(inspected.fields));
  await refuseVanished(store, project, digests);
  return records.datasets.create(project, { stored, artifact, digests });
}

function givenModelManifest(given: unknown): ModelManifest {
  return parseModelManifest(given).manifest;
}

/** Runs an upload; afterwards nothing it stored is left but what was recorded: all of it when it failed. */
export async function withStaging<T>(
  parts: UploadParts,
  project: string,
  work: (staging: Staging) => Promise<T>,
): Promise<T> {
  const staged = stageArtifacts(staging(parts, project));
  try {
    return await work(staged);
  } finally {
    await staged.settle();
  }
}

function receive<M>(
  parts: UploadParts,
  store: ArtifactStore,
  project: string,
  request: FastifyRequest,
  manifest: (given: unknown) => M,
): Promise<Upload<M>> {
  return receiveUpload(request, parts.limits, {
    manifest,
    file: (path, bytes, limitBytes) =>
      storeFile(parts, store, project, path, bytes, limitBytes).catch((thrown: unknown) => {
        throw isInvalid(thrown) ? pointing(thrown, path) : thrown;
      }),
  });
}

async function storeFile(
  { limits }: UploadParts,
  store: ArtifactStore,
  project: string,
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<readonly UploadedFile[]> {
  checkUploadPath(path, path);
  const archive = archiveKindOf(path);
  if (archive === undefined) return [{ path, ...(await store.put(project, bytes, { limitBytes })) }];
  const files: UploadedFile[] = [];
  const put = async (entry: string, content: AsyncIterable<Uint8Array>): Promise<void> => {
    files.push({ path: entry, ...(await store.put(project, content, { limitBytes: limits.fileBytes })) });
  };
  const within = {
    ...defaultArchiveLimits,
    entries: Math.min(defaultArchiveLimits.entries, limits.files),
    unpackedBytes: Math.min(defaultArchiveLimits.unpackedBytes, limits.totalBytes),
    entryBytes: Math.min(defaultArchiveLimits.entryBytes, limits.fileBytes),
  };
  if (archive !== 'zip') {
    await unpackArchive(bytes, archive, within, put, path);
    return files;
  }
  // The directory of a zip is at its end: it is kept, like any upload, until it is unpacked.
  const kept = await store.put(project, bytes, { limitBytes });
  const access = await store.open(project, kept.digest);
  try {
    await unpackArchive(access, archive, within, put, path);
  } finally {
    await access.close();
  }
  return files;
}

/** Where a model's own errors name no field, the file they speak of is pointed at, else the one its structure is in. */
function pointAtFile(files: readonly UploadedFile[]) {
  return (thrown: unknown): never => {
    if (!(thrown instanceof EngramError)) throw thrown;
    const named = files.find(({ path }) => thrown.message.includes(JSON.stringify(path)));
    const structure = files.find(({ path }) => /(^|\/)(model\.json|config\.json|[^/]+\.onnx)$/.test(path));
    throw pointing(thrown, (named ?? structure)?.path ?? '/manifest');
  };
}

function isInvalid(thrown: unknown): thrown is EngramError {
  return thrown instanceof EngramError && thrown.family === 'invalid';
}

/** The error with a pointer, unless it has one. */
function pointing(error: EngramError, pointer: string): EngramError {
  if (error.faults.length > 0) return error;
  const { code, message, details, cause, remedy } = error;
  return new EngramError(code, message, {
    faults: [{ pointer, message }],
    details,
    cause,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

function sourceOf(store: ArtifactStore, project: string, files: readonly UploadedFile[]) {
  const digestAt = (path: string): Digest => {
    const found = files.find((file) => file.path === path);
    if (found === undefined)
      throw new EngramError('ENG_MANIFEST_INVALID', `the upload has no file ${JSON.stringify(path)}`);
    return found.digest;
  };
  return {
    files,
    read: (path: string) => store.read(project, digestAt(path)),
    localPath: (path: string) => store.localPath(project, digestAt(path)),
  };
}

/** Another process may have taken back the same bytes of an upload of its own that failed. */
async function refuseVanished(store: ArtifactStore, project: string, digests: readonly Digest[]): Promise<void> {
  for (const digest of digests)
    if (!(await store.has(project, digest)))
      throw new EngramError('ENG_STORE_UNAVAILABLE', 'stored bytes vanished while the upload was being read', {
        remedy: 'Send the upload again.',
      });
}

/** @throws ENG_MODEL_UNSUPPORTED: JSON alone describes a model served elsewhere. */
function refuseServedModel(request: FastifyRequest): void {
  if (request.isMultipart()) return;
  const { kind } = (request.body ?? {}) as { readonly kind?: unknown };
  throw new EngramError(
    'ENG_MODEL_UNSUPPORTED',
    'models served elsewhere are not supported yet: expected files, got JSON alone',
    {
      faults: [
        {
          pointer: '/kind',
          message: typeof kind === 'string' ? `${JSON.stringify(kind.slice(0, 40))} has no files` : 'is missing',
        },
      ],
      remedy: 'Send multipart/form-data: the part manifest (JSON) first, then the model’s files.',
    },
  );
}

function asJson(manifest: object): { readonly [key: string]: Json } {
  return JSON.parse(JSON.stringify(manifest));
}
