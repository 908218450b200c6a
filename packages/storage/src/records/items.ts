import { type Digest, EngramError, type ErrorCode, type StoredDataset, type StoredModel } from '@engram/domain';
import { and, arrayOverlaps, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import type { Database } from './database.js';
import { withDatabase } from './failures.js';
import { decodeCursor, type PageRequest, pageOf, type RecordPage } from './page.js';
import { auditInputs, audits, datasets, models } from './schema.js';

export interface ItemRecord<S> {
  readonly project: string;
  /** UTC, ISO 8601. */
  readonly createdAt: string;
  /** The same as a JSON artifact, for workers. */
  readonly artifact: Digest;
  readonly stored: S;
}

export interface NewItem<S> {
  /** With an id from `newId`. */
  readonly stored: S;
  readonly artifact: Digest;
  /** Every other artifact it consists of: files, columns. */
  readonly digests: readonly Digest[];
}

/** Uploaded models, or datasets. Every call is about one project and sees no other. */
export interface ItemRecords<S extends { readonly id: string }> {
  create(project: string, item: NewItem<S>): Promise<ItemRecord<S>>;
  /** @throws ENG_MODEL_NOT_FOUND, ENG_DATASET_NOT_FOUND */
  get(project: string, id: string): Promise<ItemRecord<S>>;
  /** Newest first. @throws ENG_REQUEST_INVALID a cursor of something else. */
  list(project: string, page: PageRequest): Promise<RecordPage<ItemRecord<S>>>;
  /**
   * @returns the record, and which of its artifacts no other model or dataset of the project consists of.
   * @throws ENG_MODEL_NOT_FOUND, ENG_DATASET_NOT_FOUND. ENG_IN_USE an unfinished audit reads it.
   */
  delete(
    project: string,
    id: string,
  ): Promise<{ readonly removed: ItemRecord<S>; readonly orphaned: readonly Digest[] }>;
}

const kinds = {
  model: { table: models, missing: 'ENG_MODEL_NOT_FOUND' },
  dataset: { table: datasets, missing: 'ENG_DATASET_NOT_FOUND' },
} as const satisfies Record<string, { table: unknown; missing: ErrorCode }>;

export function modelRecords(db: Database): ItemRecords<StoredModel> {
  return itemRecords<StoredModel>(db, 'model');
}

export function datasetRecords(db: Database): ItemRecords<StoredDataset> {
  return itemRecords<StoredDataset>(db, 'dataset');
}

interface ItemRow {
  readonly project: string;
  readonly createdAt: Date;
  readonly artifact: Digest;
  readonly stored: { readonly id: string };
}

function itemRecords<S extends { readonly id: string }>(db: Database, kind: keyof typeof kinds): ItemRecords<S> {
  // The two tables have the same columns: one is written against, the other fits.
  const table = kinds[kind].table as typeof models;
  const { missing } = kinds[kind];
  const recordOf = (row: ItemRow): ItemRecord<S> => ({
    project: row.project,
    createdAt: row.createdAt.toISOString(),
    artifact: row.artifact,
    stored: row.stored as S,
  });
  const notFound = (id: string): EngramError => new EngramError(missing, `no ${kind} ${id} in this project`);
  const isIt = (project: string, id: string) => and(eq(table.project, project), eq(table.id, id));

  return {
    create: (project, { stored, artifact, digests }) =>
      withDatabase(async () => {
        const [row] = await db
          .insert(table)
          .values({
            id: stored.id,
            project,
            stored: stored as unknown as StoredModel,
            artifact,
            digests: [...new Set([artifact, ...digests])],
          })
          .returning();
        return recordOf(row!);
      }),

    get: (project, id) =>
      withDatabase(async () => {
        const [row] = await db.select().from(table).where(isIt(project, id));
        if (row === undefined) throw notFound(id);
        return recordOf(row);
      }),

    list: (project, { limit, cursor }) =>
      withDatabase(async () => {
        const before = cursor === undefined ? undefined : lt(table.id, decodeCursor(kind, cursor));
        const rows = await db
          .select()
          .from(table)
          .where(and(eq(table.project, project), before))
          .orderBy(desc(table.id))
          .limit(limit + 1);
        return pageOf(kind, rows.map(recordOf), limit, (record) => record.stored.id);
      }),

    delete: (project, id) =>
      withDatabase(() =>
        db.transaction(async (tx) => {
          // An audit being created holds a share of the row: one of the two waits for the other.
          const [row] = await tx.select().from(table).where(isIt(project, id)).for('update');
          if (row === undefined) throw notFound(id);
          const [reader] = await tx
            .select({ id: audits.id })
            .from(auditInputs)
            .innerJoin(audits, eq(audits.id, auditInputs.audit))
            .where(
              and(
                eq(auditInputs.project, project),
                eq(auditInputs.item, id),
                inArray(audits.status, ['queued', 'running']),
              ),
            )
            .limit(1);
          if (reader !== undefined)
            throw new EngramError('ENG_IN_USE', `${kind} ${id} is read by audit ${reader.id}, which has not finished`, {
              remedy: 'Wait for the audit, or cancel it first.',
              details: { audit: reader.id },
            });
          await tx.delete(table).where(isIt(project, id));
          return { removed: recordOf(row), orphaned: await unrecorded(tx, project, row.digests) };
        }),
      ),
  };
}

/** Those of some artifacts that no model or dataset of the project consists of. */
export async function unrecorded(
  source: Pick<Database, 'select'>,
  project: string,
  digests: readonly Digest[],
): Promise<readonly Digest[]> {
  if (digests.length === 0) return [];
  const recorded = new Set<Digest>();
  for (const table of [models, datasets]) {
    const rows = await source
      .select({ digests: table.digests })
      .from(table)
      .where(and(eq(table.project, project), arrayOverlaps(table.digests, [...digests])));
    for (const row of rows) for (const digest of row.digests) recorded.add(digest);
  }
  return digests.filter((digest) => !recorded.has(digest));
}

/**
 * Holds models and datasets where they are until the transaction ends.
 *
 * @throws ENG_MODEL_NOT_FOUND, ENG_DATASET_NOT_FOUND one is not there (any more).
 */
export async function holdItems(
  tx: Pick<Database, 'select'>,
  project: string,
  inputs: { readonly models: readonly string[]; readonly datasets: readonly string[] },
): Promise<void> {
  for (const [kind, ids] of [
    ['model', inputs.models],
    ['dataset', inputs.datasets],
  ] as const) {
    if (ids.length === 0) continue;
    const table = kinds[kind].table as typeof models;
    const rows = await tx
      .select({ id: table.id })
      .from(table)
      .where(and(eq(table.project, project), inArray(table.id, [...ids])))
      .orderBy(sql`${table.id}`)
      .for('key share');
    const found = new Set(rows.map((row) => row.id));
    const absent = ids.find((id) => !found.has(id));
    if (absent !== undefined) throw new EngramError(kinds[kind].missing, `no ${kind} ${absent} in this project`);
  }
}
