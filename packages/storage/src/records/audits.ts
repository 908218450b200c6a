import {
  type AuditStatus,
  type Digest,
  EngramError,
  isTerminal,
  type Json,
  type SerializedError,
  type Verdict,
} from '@engram/domain';
import { and, asc, desc, eq, gt, inArray, lt, sql } from 'drizzle-orm';
import type { Database } from './database.js';
import { withDatabase } from './failures.js';
import { newId } from './identifiers.js';
import { holdItems } from './items.js';
import { decodeCursor, type PageRequest, pageOf, type RecordPage } from './page.js';
import { auditEvents, auditInputs, audits, idempotencyKeys, type RecordedProgress } from './schema.js';

/** An audit as recorded. Times are UTC, ISO 8601. */
export interface AuditRecord {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly status: AuditStatus;
  /** As understood: every default filled in. */
  readonly request: Json;
  readonly seed: number;
  /** Digest of the JSON artifact holding its plan. */
  readonly plan: Digest | null;
  readonly progress: RecordedProgress;
  readonly estimate: Json | null;
  readonly notices: readonly string[];
  readonly findings: readonly Json[];
  readonly verdict: Verdict | null;
  /** Digest of the root task's output, once succeeded. */
  readonly report: Digest | null;
  readonly error: SerializedError | null;
  /** Raised with every change. */
  readonly version: number;
  /** Sequence of its latest event; 0 = none yet. */
  readonly lastEvent: number;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly updatedAt: string;
}

export interface NewEvent {
  readonly type: string;
  readonly data: { readonly [key: string]: Json };
}

/** One event of an audit. Sequences begin at 1 and have no gaps. */
export interface AuditEvent extends NewEvent {
  readonly sequence: number;
  readonly at: string;
}

export interface NewAudit {
  /** From `newId('audit')` when it had to be known before; made here otherwise. */
  readonly id?: string;
  readonly name: string;
  readonly request: Json;
  readonly seed: number;
  readonly plan: Digest | null;
  readonly progress: RecordedProgress;
  readonly estimate: Json | null;
  readonly notices: readonly string[];
  /** Ids it reads: they cannot be deleted until it has finished. */
  readonly inputs: { readonly models: readonly string[]; readonly datasets: readonly string[] };
  readonly events: readonly NewEvent[];
}

export interface IdempotencyKey {
  readonly key: string;
  /** Digest of the request body as sent. */
  readonly bodyDigest: Digest;
}

/** What of an audit may change. */
export interface AuditChange {
  readonly status?: AuditStatus;
  readonly plan?: Digest;
  readonly progress?: RecordedProgress;
  readonly estimate?: Json;
  readonly notices?: readonly string[];
  readonly findings?: readonly Json[];
  readonly verdict?: Verdict;
  readonly report?: Digest;
  readonly error?: SerializedError;
}

/** Audits and their events. Every call but `unfinished` is about one project and sees no other. */
export interface AuditRecords {
  /**
   * Records an audit as queued, with its first events. With a key, the same key and body give the audit of the first
   * time, however many ask at once.
   *
   * @throws ENG_IDEMPOTENCY_CONFLICT the key came with another body. ENG_MODEL_NOT_FOUND, ENG_DATASET_NOT_FOUND an
   *   input is not there (any more).
   */
  create(
    project: string,
    audit: NewAudit,
    idempotency?: IdempotencyKey,
  ): Promise<{ readonly audit: AuditRecord; readonly created: boolean }>;
  /** The audit made earlier with this key. @throws ENG_IDEMPOTENCY_CONFLICT it was made with another body. */
  findIdempotent(project: string, idempotency: IdempotencyKey): Promise<AuditRecord | undefined>;
  /** @throws ENG_AUDIT_NOT_FOUND */
  get(project: string, id: string): Promise<AuditRecord>;
  /** Newest first. @throws ENG_REQUEST_INVALID a cursor of something else. */
  list(project: string, page: PageRequest): Promise<RecordPage<AuditRecord>>;
  /**
   * Changes an audit whose status is one of `from`, and appends events in the same transaction. A finished audit never
   * changes: of two that would end it, the first wins and the other is told.
   *
   * @returns the audit as changed; undefined when its status is none of `from` any more.
   * @throws ENG_AUDIT_NOT_FOUND
   */
  change(
    project: string,
    id: string,
    from: readonly ('queued' | 'running')[],
    change: AuditChange,
    events?: readonly NewEvent[],
  ): Promise<AuditRecord | undefined>;
  /** Events after a sequence, in order. @throws ENG_AUDIT_NOT_FOUND */
  events(project: string, id: string, after: number, limit?: number): Promise<AuditEvent[]>;
  /** Of every project, the oldest first: for who sees to it that they are all under way. */
  unfinished(): Promise<AuditRecord[]>;
}

/** Where changes are announced: `<project> <audit id>`. */
export const auditChannel = 'engram_audits';

type AuditRow = typeof audits.$inferSelect;

export function auditRecords(db: Database): AuditRecords {
  const isIt = (project: string, id: string) => and(eq(audits.project, project), eq(audits.id, id));

  async function find(project: string, id: string, source: Pick<Database, 'select'> = db): Promise<AuditRecord> {
    const [row] = await source.select().from(audits).where(isIt(project, id));
    if (row === undefined) throw new EngramError('ENG_AUDIT_NOT_FOUND', `no audit ${id} in this project`);
    return recordOf(row);
  }

  async function ofKey(
    project: string,
    { key, bodyDigest }: IdempotencyKey,
    source: Pick<Database, 'select'> = db,
  ): Promise<AuditRecord | undefined> {
    const [known] = await source
      .select()
      .from(idempotencyKeys)
      .where(and(eq(idempotencyKeys.project, project), eq(idempotencyKeys.key, key)));
    if (known === undefined) return undefined;
    if (known.bodyDigest !== bodyDigest)
      throw new EngramError('ENG_IDEMPOTENCY_CONFLICT', 'this Idempotency-Key was used with another body', {
        remedy: 'Use a new key for a new request.',
        details: { audit: known.audit },
      });
    return find(project, known.audit, source);
  }

  return {
    create: (project, audit, idempotency) =>
      withDatabase(() =>
        db.transaction(async (tx) => {
          const id = audit.id ?? newId('audit');
          if (idempotency !== undefined) {
            // Waits for another that is inserting the same key; whoever comes second finds the first one's audit.
            const claimed = await tx
              .insert(idempotencyKeys)
              .values({ project, ...idempotency, audit: id })
              .onConflictDoNothing()
              .returning();
            if (claimed.length === 0) return { audit: (await ofKey(project, idempotency, tx))!, created: false };
          }
          await holdItems(tx, project, audit.inputs);
          const { events, inputs, ...values } = audit;
          const [row] = await tx
            .insert(audits)
            .values({ ...values, id, project, status: 'queued', findings: [], lastEvent: events.length })
            .returning();
          const items = [...new Set([...inputs.models, ...inputs.datasets])];
          if (items.length > 0)
            await tx.insert(auditInputs).values(items.map((item) => ({ audit: id, project, item })));
          await append(tx, recordOf(row!), events);
          return { audit: recordOf(row!), created: true };
        }),
      ),

    findIdempotent: (project, idempotency) => withDatabase(() => ofKey(project, idempotency)),

    get: (project, id) => withDatabase(() => find(project, id)),

    list: (project, { limit, cursor }) =>
      withDatabase(async () => {
        const before = cursor === undefined ? undefined : lt(audits.id, decodeCursor('audit', cursor));
        const rows = await db
          .select()
          .from(audits)
          .where(and(eq(audits.project, project), before))
          .orderBy(desc(audits.id))
          .limit(limit + 1);
        return pageOf('audit', rows.map(recordOf), limit, (record) => record.id);
      }),

    change: (project, id, from, change, events = []) =>
      withDatabase(() =>
        db.transaction(async (tx) => {
          const [row] = await tx
            .update(audits)
            .set({
              ...change,
              version: sql`${audits.version} + 1`,
              lastEvent: sql`${audits.lastEvent} + ${events.length}`,
              updatedAt: sql`now()`,
              ...(change.status === 'running' ? { startedAt: sql`coalesce(${audits.startedAt}, now())` } : {}),
              ...(change.status !== undefined && isTerminal(change.status) ? { finishedAt: sql`now()` } : {}),
            })
            .where(and(isIt(project, id), inArray(audits.status, [...from])))
            .returning();
          if (row === undefined) {
            await find(project, id, tx);
            return undefined;
          }
          await append(tx, recordOf(row), events);
          return recordOf(row);
        }),
      ),

    events: (project, id, after, limit = 1000) =>
      withDatabase(async () => {
        const rows = await db
          .select()
          .from(auditEvents)
          .where(and(eq(auditEvents.project, project), eq(auditEvents.audit, id), gt(auditEvents.sequence, after)))
          .orderBy(asc(auditEvents.sequence))
          .limit(limit);
        if (rows.length === 0) await find(project, id);
        return rows.map(({ sequence, type, data, createdAt }) => ({
          sequence,
          type,
          data: data as AuditEvent['data'],
          at: createdAt.toISOString(),
        }));
      }),

    unfinished: () =>
      withDatabase(async () => {
        const rows = await db
          .select()
          .from(audits)
          .where(inArray(audits.status, ['queued', 'running']))
          .orderBy(asc(audits.id));
        return rows.map(recordOf);
      }),
  };
}

/** The audit's row is locked by the change the events belong to: so sequences are in the order of the changes. */
async function append(
  tx: Pick<Database, 'insert' | 'execute'>,
  audit: AuditRecord,
  events: readonly NewEvent[],
): Promise<void> {
  const first = audit.lastEvent - events.length + 1;
  if (events.length > 0)
    await tx.insert(auditEvents).values(
      events.map((event, index) => ({
        audit: audit.id,
        project: audit.project,
        sequence: first + index,
        type: event.type,
        data: event.data,
      })),
    );
  await tx.execute(sql`select pg_notify(${auditChannel}, ${`${audit.project} ${audit.id}`})`);
}

function recordOf(row: AuditRow): AuditRecord {
  const { createdAt, startedAt, finishedAt, updatedAt, ...rest } = row;
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
    updatedAt: updatedAt.toISOString(),
  };
}
