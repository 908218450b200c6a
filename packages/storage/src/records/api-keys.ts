import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { EngramError } from '@engram/domain';
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from './database.js';
import { withDatabase } from './failures.js';
import { newId } from './identifiers.js';
import { apiKeys, projects } from './schema.js';

/** A key as it may be shown: without itself. */
export interface ApiKeyRecord {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

/** Keys of projects. What is kept is a salted hash: a key is shown once, when it is issued. */
export interface ApiKeys {
  issue(project: string, name: string): Promise<{ readonly record: ApiKeyRecord; readonly key: string }>;
  /** Whose key it is; undefined when unknown, malformed or revoked, after the same work. */
  verify(key: string): Promise<{ readonly project: string; readonly id: string } | undefined>;
  list(project: string): Promise<ApiKeyRecord[]>;
  /** @throws ENG_REQUEST_INVALID no such key in this project. */
  revoke(project: string, id: string): Promise<void>;
  /** Whether any key is in force: a service others can reach must not start without. */
  any(): Promise<boolean>;
}

const nobody = { id: '', salt: '', hash: hashOf('', ''), project: '', revokedAt: null };

export function apiKeyRecords(db: Database): ApiKeys {
  return {
    issue: (project, name) =>
      withDatabase(() =>
        db.transaction(async (tx) => {
          await tx.insert(projects).values({ id: project }).onConflictDoNothing();
          const id = newId('key');
          const secret = randomBytes(32).toString('base64url');
          const salt = randomBytes(16).toString('hex');
          const [row] = await tx
            .insert(apiKeys)
            .values({ id, project, name, salt, hash: hashOf(salt, secret) })
            .returning();
          return { record: recordOf(row!), key: `eng_${id.slice(4)}_${secret}` };
        }),
      ),

    verify: (key) =>
      withDatabase(async () => {
        const [, id = '', secret = ''] = /^eng_([0-9a-z]{26})_([A-Za-z0-9_-]{43})$/.exec(key) ?? [];
        const [found] = await db
          .select()
          .from(apiKeys)
          .where(eq(apiKeys.id, `key_${id}`));
        const row = found ?? nobody;
        const matches = timingSafeEqual(Buffer.from(hashOf(row.salt, secret), 'hex'), Buffer.from(row.hash, 'hex'));
        return matches && found !== undefined && found.revokedAt === null
          ? { project: found.project, id: found.id }
          : undefined;
      }),

    list: (project) =>
      withDatabase(async () => {
        const rows = await db.select().from(apiKeys).where(eq(apiKeys.project, project)).orderBy(asc(apiKeys.id));
        return rows.map(recordOf);
      }),

    revoke: (project, id) =>
      withDatabase(async () => {
        const revoked = await db
          .update(apiKeys)
          .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, now())` })
          .where(and(eq(apiKeys.project, project), eq(apiKeys.id, id)))
          .returning({ id: apiKeys.id });
        if (revoked.length === 0) throw new EngramError('ENG_REQUEST_INVALID', `no key ${id} in this project`);
      }),

    any: () =>
      withDatabase(async () => {
        const rows = await db.select({ id: apiKeys.id }).from(apiKeys).where(isNull(apiKeys.revokedAt)).limit(1);
        return rows.length > 0;
      }),
  };
}

/** The secret has 256 bits of chance: one round of sha-256 is as good as a slow hash, and costs a request nothing. */
function hashOf(salt: string, secret: string): string {
  return createHash('sha256').update(`${salt}:${secret}`).digest('hex');
}

function recordOf(row: typeof apiKeys.$inferSelect): ApiKeyRecord {
  return {
    id: row.id,
    project: row.project,
    name: row.name,
    createdAt: row.createdAt.toISOString(),
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}
