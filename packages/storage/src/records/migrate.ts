import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { EngramError } from '@engram/domain';

/** One connection, for statements as they stand in a file. */
export interface SqlSession {
  /** Any number of statements, without results. */
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<readonly Record<string, unknown>[]>;
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly digest: string;
}

/** Any number of its own will do, as long as every process of a deployment uses the same. */
const migrationLock = 7_373_200_101;

/**
 * Brings the database up to date: every migration not yet applied, in the order of their names, in one transaction that
 * other starting processes wait for. All or nothing is applied.
 *
 * @returns names of the migrations applied now.
 * @throws ENG_STORE_UNAVAILABLE the database was made by a newer version, or a migration was changed after it was applied.
 */
export async function migrate(
  session: SqlSession,
  folder: URL = new URL('../../migrations/', import.meta.url),
): Promise<string[]> {
  const migrations = await readMigrations(folder);
  await session.run('begin');
  try {
    await session.run(`select pg_advisory_xact_lock(${migrationLock})`);
    await session.run(
      'create table if not exists engram_migrations (name text primary key, digest text not null, applied_at timestamptz not null default now())',
    );
    const rows = await session.rows('select name, digest from engram_migrations order by name');
    const applied = new Map(rows.map((row) => [String(row.name), String(row.digest)]));
    refuseStrange(applied, migrations);
    const pending = migrations.filter((migration) => !applied.has(migration.name));
    for (const { name, sql, digest } of pending) {
      await session.run(sql);
      await session.run(`insert into engram_migrations (name, digest) values ('${name}', '${digest}')`);
    }
    await session.run('commit');
    return pending.map((migration) => migration.name);
  } catch (error) {
    await session.run('rollback').catch(() => {}); // The connection itself may be what failed.
    throw error;
  }
}

async function readMigrations(folder: URL): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((name) => /^\d{4}-[a-z-]+\.sql$/.test(name)).sort();
  return Promise.all(
    files.map(async (file) => {
      const sql = await readFile(new URL(file, folder), 'utf8');
      return { name: file.slice(0, -4), sql, digest: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

function refuseStrange(applied: ReadonlyMap<string, string>, migrations: readonly Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration.digest]));
  for (const [name, digest] of applied) {
    if (!known.has(name))
      throw new EngramError('ENG_STORE_UNAVAILABLE', `the database was made by a newer engram: it has ${name}`, {
        remedy: 'Start the newer version, or use another database.',
      });
    if (known.get(name) !== digest)
      throw new EngramError(
        'ENG_STORE_UNAVAILABLE',
        `migration ${name} differs from the one the database was made with`,
        {
          remedy: 'Restore the file: a change to the tables is a new migration.',
        },
      );
  }
}
