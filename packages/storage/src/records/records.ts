import { type Digest, EngramError, type StoredDataset, type StoredModel } from '@engram/domain';
import { sql } from 'drizzle-orm';
import { type ApiKeys, apiKeyRecords } from './api-keys.js';
import { type AuditRecords, auditChannel, auditRecords } from './audits.js';
import { type OpenDatabase, openEmbedded, openPostgres } from './database.js';
import { durationRecords, type TaskDurations } from './durations.js';
import { withDatabase } from './failures.js';
import { datasetRecords, type ItemRecords, modelRecords, unrecorded } from './items.js';

export interface RecordsOptions {
  /** A Postgres server. Takes precedence over `folder`. */
  readonly url?: string | undefined;
  /** Where an embedded database keeps its files; one process at a time. */
  readonly folder?: string;
  /** Troubles of idle connections, each of which is ridden out. */
  readonly onError?: (error: unknown) => void;
}

/** An audit that changed. */
export interface AuditNotice {
  readonly project: string;
  readonly auditId: string;
}

/** What the service remembers: the truth about models, datasets and audits. */
export interface RecordStore {
  readonly kind: 'postgres' | 'embedded';
  readonly models: ItemRecords<StoredModel>;
  readonly datasets: ItemRecords<StoredDataset>;
  readonly audits: AuditRecords;
  readonly durations: TaskDurations;
  readonly keys: ApiKeys;
  /** Those of some artifacts that no model or dataset of the project consists of: an upload that failed may delete them. */
  unrecorded(project: string, digests: readonly Digest[]): Promise<readonly Digest[]>;
  /**
   * Calls the listener soon after an audit changed, in whichever process. Called with `undefined` when some changes may
   * have been missed: look again.
   *
   * @returns a function that stops listening.
   */
  watch(listener: (notice: AuditNotice | undefined) => void): () => void;
  /** @throws ENG_STORE_UNAVAILABLE */
  health(): Promise<{ readonly latencyMs: number }>;
  close(): Promise<void>;
}

/**
 * Opens the records and brings their tables up to date.
 *
 * @throws ENG_STORE_UNAVAILABLE the database cannot be reached, is in use by another process (embedded), or was made by
 *   a newer version.
 */
export async function openRecords(options: RecordsOptions): Promise<RecordStore> {
  const { url, folder, onError = () => {} } = options;
  if (url === undefined && folder === undefined)
    throw new EngramError(
      'ENG_INTERNAL',
      'expected the URL of a database or a folder for an embedded one, got neither',
    );
  return recordsOn(url === undefined ? await openEmbedded(folder!) : await openPostgres(url, onError), onError);
}

/** The records of an open database, which is closed with them. */
export async function recordsOn(database: OpenDatabase, onError: (error: unknown) => void): Promise<RecordStore> {
  const { db } = database;
  const listeners = new Set<(notice: AuditNotice | undefined) => void>();
  const unlisten = await listenForAudits(database, (notice) => {
    for (const listener of listeners) {
      try {
        listener(notice);
      } catch (error) {
        onError(error);
      }
    }
  });
  return {
    kind: database.kind,
    models: modelRecords(db),
    datasets: datasetRecords(db),
    audits: auditRecords(db),
    durations: durationRecords(db),
    keys: apiKeyRecords(db),
    unrecorded: (project, digests) => withDatabase(() => unrecorded(db, project, digests)),
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    health: () =>
      withDatabase(async () => {
        const startedAt = performance.now();
        await db.execute(sql`select 1`);
        return { latencyMs: performance.now() - startedAt };
      }),
    async close() {
      await unlisten();
      await database.close();
    },
  };
}

async function listenForAudits(
  database: OpenDatabase,
  onNotice: (notice: AuditNotice | undefined) => void,
): Promise<() => Promise<void>> {
  try {
    return await withDatabase(() =>
      database.listen(auditChannel, (payload) => {
        const [project, auditId] = payload?.split(' ') ?? [];
        onNotice(project === undefined || auditId === undefined ? undefined : { project, auditId });
      }),
    );
  } catch (error) {
    await database.close();
    throw error;
  }
}
