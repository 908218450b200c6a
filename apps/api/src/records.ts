import type {
  AuditEventName,
  AuditProgress,
  AuditRequest,
  Estimate,
  Finding,
  PageQuery,
  StoredFile,
} from '@engram/contract';
import type {
  AuditStatus,
  Digest,
  Json,
  SerializedError,
  StoredDataset,
  StoredModel,
  TaskKey,
  TaskKind,
  Verdict,
} from '@engram/domain';

export interface ModelRecord {
  readonly project: string;
  /** UTC, ISO 8601. */
  readonly createdAt: string;
  readonly model: StoredModel;
}

export interface DatasetRecord {
  readonly project: string;
  readonly createdAt: string;
  readonly dataset: StoredDataset;
  /** What was uploaded; only the columns read from it are kept. */
  readonly files: readonly StoredFile[];
}

/** What is set when an audit is accepted and never changes. */
export interface AuditOrigin {
  readonly id: string;
  readonly project: string;
  readonly createdAt: string;
  readonly request: AuditRequest;
  readonly planDigest: Digest;
  /** The task whose output is the report. */
  readonly root: TaskKey;
  readonly notices: readonly string[];
  readonly estimate: Estimate;
}

/** What happens to it. */
export interface AuditState {
  readonly status: AuditStatus;
  readonly progress: AuditProgress;
  readonly findings: readonly Finding[];
  readonly verdict: Verdict | null;
  readonly error: SerializedError | null;
  /** Digest of the report bundle, once succeeded. */
  readonly reportDigest: Digest | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

export interface AuditRecord extends AuditOrigin, AuditState {}

export interface NewEvent {
  readonly name: AuditEventName;
  readonly data: Json;
}

export interface AuditEvent extends NewEvent {
  /** Rises within the audit, from 1. */
  readonly sequence: number;
}

export interface AuditChange {
  readonly state: Partial<AuditState>;
  readonly events: readonly NewEvent[];
}

/** A client's key and a digest of the request it came with. */
export interface Idempotency {
  readonly key: string;
  readonly requestDigest: Digest;
}

export interface RecordPage<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** How long one unit of a kind of task takes on a device: the median of those timed. */
export interface TaskPace {
  readonly kind: TaskKind;
  readonly device: string;
  readonly secondsPerUnit: number;
}

export interface TaskTiming {
  readonly kind: TaskKind;
  readonly device: string;
  readonly units: number;
  readonly durationMs: number;
}

/** The truth about models, datasets and audits. Lists are newest first; a cursor it did not give is ENG_REQUEST_INVALID. */
export interface Records {
  addModel(record: ModelRecord): Promise<void>;
  findModel(project: string, id: string): Promise<ModelRecord | undefined>;
  listModels(project: string, page: PageQuery): Promise<RecordPage<ModelRecord>>;
  /** @throws ENG_IN_USE an unfinished audit refers to it. @returns what was deleted, if it was there. */
  deleteModel(project: string, id: string): Promise<ModelRecord | undefined>;

  addDataset(record: DatasetRecord): Promise<void>;
  findDataset(project: string, id: string): Promise<DatasetRecord | undefined>;
  listDatasets(project: string, page: PageQuery): Promise<RecordPage<DatasetRecord>>;
  deleteDataset(project: string, id: string): Promise<DatasetRecord | undefined>;

  /** Digests that models and datasets of the project consist of. */
  digestsInUse(project: string): Promise<ReadonlySet<Digest>>;

  /**
   * @returns the record that stands: an earlier one of the same key, when there is one.
   * @throws ENG_IDEMPOTENCY_CONFLICT the key was used for another request.
   */
  addAudit(
    audit: AuditOrigin,
    events: readonly NewEvent[],
    idempotency?: Idempotency,
  ): Promise<{ readonly audit: AuditRecord; readonly isNew: boolean }>;
  /** The audit an idempotency key was used for. @throws ENG_IDEMPOTENCY_CONFLICT it was used for another request. */
  findRepeated(project: string, idempotency: Idempotency): Promise<AuditRecord | undefined>;
  findAudit(project: string, id: string): Promise<AuditRecord | undefined>;
  /** For the conductor, which is told of audits by id alone. */
  findAuditOfAnyProject(id: string): Promise<AuditRecord | undefined>;
  listAudits(project: string, page: PageQuery): Promise<RecordPage<AuditRecord>>;
  unfinishedAudits(): Promise<readonly AuditRecord[]>;
  /**
   * Changes an unfinished audit, atomically: `change` sees the record as it is and says what becomes of it and what is
   * told of that; undefined = nothing. A finished audit never changes.
   *
   * @returns the record afterwards and whether it was changed; undefined when there is none.
   */
  changeAudit(
    id: string,
    change: (current: AuditRecord) => AuditChange | undefined,
  ): Promise<{ readonly audit: AuditRecord; readonly changed: boolean } | undefined>;
  listEvents(id: string, after: number): Promise<readonly AuditEvent[]>;

  addTiming(timing: TaskTiming): Promise<void>;
  paces(): Promise<readonly TaskPace[]>;

  /** The project of a key, by the sha-256 of the key in hex. */
  findKey(hash: string): Promise<string | undefined>;
  /** Whether any key is kept. */
  hasKeys(): Promise<boolean>;
  /** @throws ENG_STORE_UNAVAILABLE the database does not answer. */
  ping(): Promise<void>;
}
