import {
  type ArtifactStore,
  asEngramError,
  type FieldName,
  fieldNames,
  type InspectedDataset,
  type StoredArtifact,
  type StoredField,
} from '@engram/domain';
import { type SourceFile, sourceFile } from './bytes/source-file.js';
import { Workspace } from './bytes/workspace.js';
import { readers } from './catalog.js';
import { type Column, type Columns, checkFields, numericField } from './check-fields.js';
import { problemsError } from './columns/column-problems.js';
import { NeedsWidening, NumericColumn } from './columns/numeric-column.js';
import { TextColumn } from './columns/text-column.js';
import { datasetDigest } from './dataset-digest.js';
import { fieldError, printable } from './field-error.js';
import { inclusionHistograms } from './inclusion-histograms.js';
import { defaultReadLimits, type ReadLimits } from './limits.js';
import type { DatasetManifest } from './manifest.js';
import { openDataset } from './open-dataset.js';
import type { DatasetReader, FieldSpec } from './reader.js';
import { roleOf } from './roles.js';

/** The uploaded files of a dataset: path to where its bytes lie. Paths were checked at upload. */
export type DatasetFiles = ReadonlyMap<string, StoredArtifact>;

export interface ReadDatasetRequest {
  readonly manifest: DatasetManifest;
  readonly files: DatasetFiles;
  readonly store: ArtifactStore;
  readonly project: string;
  readonly limits?: ReadLimits;
  /** Called as uploaded bytes are read. A file some fields of which need a second reading is counted once. */
  readonly onProgress?: (progress: { readonly doneBytes: number; readonly totalBytes: number }) => void;
  /** Stops the reading with the signal's reason; nothing is left behind. */
  readonly signal?: AbortSignal;
}

interface FieldPlan {
  readonly field: FieldName;
  readonly spec: FieldSpec;
  /** Where the manifest names the values. */
  readonly pointer: string;
}

interface FilePlan {
  readonly path: string;
  readonly pointer: string;
  readonly artifact: StoredArtifact;
  readonly fields: readonly FieldPlan[];
}

/**
 * Reads and checks every field the manifest names, and stores each as raw little-endian rows or UTF-8 text. Memory does
 * not grow with the files. When anything is wrong, nothing this call wrote is left in the store.
 *
 * Inputs are stored as uint8, int32 or float32; labels and repetitions as int32, members as uint8, ids and texts as
 * UTF-8; outputs as float32, or float64 when given in more bits. Reference fields are stored models × samples × ….
 *
 * @returns the counts, and the digests of the stored columns. The dataset's digest depends on the columns only: not on
 *   names, format or files.
 * @throws every error carries faults with pointers into the manifest (`/fields/label/file`) and a remedy.
 *   ENG_MANIFEST_INVALID a file, column or array that is not there. ENG_FILE_TRUNCATED, ENG_FILE_UNREADABLE,
 *   ENG_FORMAT_UNSUPPORTED, ENG_ARCHIVE_UNSAFE, ENG_UPLOAD_TOO_LARGE the bytes. ENG_INSUFFICIENT_SAMPLES no rows.
 *   ENG_FIELDS_INCONSISTENT counts or shapes. ENG_VALUES_NOT_FINITE, ENG_VALUES_INVALID, ENG_LABEL_OUT_OF_RANGE,
 *   ENG_ONE_CLASS_ONLY the values, with how many and the first row.
 */
export async function readDataset(request: ReadDatasetRequest): Promise<InspectedDataset> {
  const workspace = new Workspace(request.store, request.project);
  try {
    const plans = planFiles(request);
    const columns = new Map<FieldName, Column>();
    const reader: DatasetReader = readers[request.manifest.format];
    const addBytes = progressOf(request, plans);
    for (const plan of plans) await readFile(plan, reader, columns, workspace, request, addBytes);
    const ordered: Columns = new Map(
      fieldNames.flatMap((field) => (columns.has(field) ? [[field, columns.get(field)!] as const] : [])),
    );
    const problems = checkFields(ordered);
    if (problems.length > 0) throw problemsError(problems);
    const inspected = await store(ordered, workspace);
    const inclusion = await inclusionHistograms(openDataset(inspected, request.store, request.project));
    return inclusion === undefined ? inspected : { ...inspected, inclusion };
  } catch (error) {
    // Why the reading failed matters more than that tidying up failed too.
    await workspace.discard().catch(() => {});
    throw request.signal?.aborted === true ? request.signal.reason : asEngramError(error);
  }
}

/** Groups the fields by the file they are in, in the order the manifest names them. */
function planFiles({ manifest, files }: ReadDatasetRequest): FilePlan[] {
  const plans = new Map<string, { path: string; pointer: string; artifact: StoredArtifact; fields: FieldPlan[] }>();
  for (const [field, spec] of Object.entries(manifest.fields) as [FieldName, FieldSpec | undefined][]) {
    if (spec === undefined) continue;
    const base = `/fields/${field}`;
    const pointer = spec.file === undefined ? base : `${base}/file`;
    const path = spec.file ?? onlyFile(files, pointer);
    const artifact = files.get(path);
    if (artifact === undefined)
      throw fieldError(
        'ENG_MANIFEST_INVALID',
        pointer,
        `${field} names the file ${printable(path)}, which was not sent; sent were ${namesOf(files)}`,
        'Send the file, or name one that was sent.',
      );
    const plan = plans.get(path) ?? { path, pointer, artifact, fields: [] };
    plan.fields.push({ field, spec, pointer: pointerOf(base, spec, pointer) });
    plans.set(path, plan);
  }
  return [...plans.values()];
}

function pointerOf(base: string, spec: FieldSpec, filePointer: string): string {
  for (const key of ['column', 'columns', 'array'] as const) if (spec[key] !== undefined) return `${base}/${key}`;
  return filePointer;
}

function onlyFile(files: DatasetFiles, pointer: string): string {
  const [path] = files.keys();
  if (path !== undefined && files.size === 1) return path;
  throw fieldError(
    'ENG_MANIFEST_INVALID',
    pointer,
    `no file is named, and ${files.size} were sent: ${namesOf(files)}`,
    'Name the file with `file`.',
  );
}

function namesOf(files: DatasetFiles): string {
  const names = [...files.keys()].slice(0, 20).map(printable).join(', ');
  return names === '' ? 'no files' : names;
}

async function readFile(
  plan: FilePlan,
  reader: DatasetReader,
  columns: Map<FieldName, Column>,
  workspace: Workspace,
  request: ReadDatasetRequest,
  addBytes: (bytes: number) => void,
): Promise<void> {
  const { store, project, signal, manifest } = request;
  const limits = request.limits ?? defaultReadLimits;
  const source: SourceFile = sourceFile({ ...plan, store, project, limits, signal, onBytes: addBytes });
  const spool = async (bytes: AsyncIterable<Uint8Array>) => {
    const artifact = workspace.stageTemporary();
    for await (const chunk of bytes) await artifact.write(chunk);
    return await workspace.reopen(artifact);
  };
  const read = async (widen: boolean) => {
    const sinks = plan.fields.map(({ field, spec, pointer }): Column => {
      const role = roleOf(field);
      const options = { field, role, spec, pointer, workspace, limits };
      if (role.values === 'text') return new TextColumn(options);
      return new NumericColumn({ ...options, samplesLead: reader.layout === 'rows', widen });
    });
    for (const sink of sinks) columns.set(sink.field, sink);
    await reader.read({ source, settings: settingsOf(manifest, reader), columns: sinks, limits, spool });
  };
  try {
    await read(false);
  } catch (error) {
    if (!(error instanceof NeedsWidening)) throw error;
    for (const { field } of plan.fields) await columns.get(field)?.drop();
    await read(true);
  }
}

function settingsOf(manifest: DatasetManifest, reader: DatasetReader): Record<string, unknown> {
  const given: Readonly<Record<string, unknown>> = { ...manifest };
  return Object.fromEntries(Object.keys(reader.settings).map((key) => [key, given[key]]));
}

function progressOf({ onProgress }: ReadDatasetRequest, plans: readonly FilePlan[]): (bytes: number) => void {
  const totalBytes = plans.reduce((total, plan) => total + plan.artifact.sizeBytes, 0);
  let doneBytes = 0;
  return (bytes) => {
    doneBytes = Math.min(totalBytes, doneBytes + bytes);
    onProgress?.({ doneBytes, totalBytes });
  };
}

async function store(columns: Columns, workspace: Workspace): Promise<InspectedDataset> {
  for (const column of columns.values()) await column.arrange();
  await workspace.finish();
  const fields: Partial<Record<FieldName, StoredField>> = {};
  for (const [field, column] of columns) fields[field] = await column.commit();
  const label = numericField(columns, 'label');
  const member = numericField(columns, 'member');
  const input = numericField(columns, 'input');
  const text = columns.get('text');
  const models = [...columns.values()].flatMap((column) =>
    column instanceof NumericColumn ? (column.models ?? []) : [],
  );
  const saturated = numericField(columns, 'probabilities')?.rowSums?.saturated ?? 0;
  const [first] = columns.values();
  const count = first?.samples ?? 0;
  return {
    count,
    fields,
    duplicates: input?.duplicates ?? (text instanceof TextColumn ? text.repeated.count : 0),
    ...(label === undefined ? {} : { classCount: label.maximum + 1 }),
    ...(member === undefined ? {} : { members: member.ones, nonMembers: count - member.ones }),
    ...(models[0] === undefined ? {} : { referenceModels: models[0] }),
    ...(saturated === 0 ? {} : { saturated }),
    digest: datasetDigest(fields),
  };
}
