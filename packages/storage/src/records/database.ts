import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import pg from 'pg';
import { withDatabase } from './failures.js';
import { lockFolder } from './folder-lock.js';
import { migrate } from './migrate.js';
import { listenToPostgres } from './postgres-listener.js';

/** What queries are written against, whichever driver runs them. */
export type Database = PgDatabase<PgQueryResultHKT>;

/** An open database, its tables up to date. */
export interface OpenDatabase {
  readonly db: Database;
  /** `embedded`: in this process. */
  readonly kind: 'postgres' | 'embedded';
  /** Hears every `notify` on the channel; `undefined` when some may have been missed. */
  listen(channel: string, onNotice: (payload: string | undefined) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** @throws ENG_STORE_UNAVAILABLE it cannot be reached, or its tables are of a newer version. */
export async function openPostgres(url: string, onError: (error: unknown) => void): Promise<OpenDatabase> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 30_000,
    application_name: 'engram',
  });
  // A connection lost while idle: the pool makes another.
  pool.on('error', onError);
  try {
    await withDatabase(async () => {
      const client = await pool.connect();
      try {
        await migrate({
          run: async (sql) => void (await client.query(sql)),
          rows: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
        });
      } finally {
        client.release();
      }
    });
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    db: drizzlePostgres(pool),
    kind: 'postgres',
    listen: (channel, onNotice) => listenToPostgres(url, channel, onNotice),
    close: () => pool.end(),
  };
}

/** @throws ENG_STORE_UNAVAILABLE another process has it open, or its tables are of a newer version. */
export async function openEmbedded(folder: string): Promise<OpenDatabase> {
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(join(folder, 'in-use.json'));
  let client: PGlite | undefined;
  try {
    return await withDatabase(async () => {
      const opened = await PGlite.create(join(folder, 'postgres'));
      client = opened;
      await migrate({
        run: async (sql) => void (await opened.exec(sql)),
        rows: async (sql) => (await opened.query<Record<string, unknown>>(sql)).rows,
      });
      return {
        db: drizzlePglite(opened),
        kind: 'embedded' as const,
        listen: (channel: string, onNotice: (payload: string | undefined) => void) => opened.listen(channel, onNotice),
        async close() {
          await opened.close();
          await unlock();
        },
      };
    });
  } catch (error) {
    await client?.close().catch(() => {}); // The first failure is the one to tell of.
    await unlock();
    throw error;
  }
}
