import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { type RealPostgres, startPostgres } from '../fixtures/real-postgres.js';
import { newAudit, queuedAudit } from '../fixtures/record-samples.js';
import { type OpenDatabase, openEmbedded } from './database.js';
import { openRecords, type RecordStore, recordsOn } from './records.js';
import { recordSuite } from './records-suite.js';
import * as schema from './schema.js';

let postgres: RealPostgres | string = 'not started';
const folders: string[] = [];

before(async () => {
  postgres = await startPostgres();
});
after(async () => {
  if (typeof postgres !== 'string') await postgres.stop();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'engram-records-'));
  folders.push(folder);
  return folder;
}

let embedded: OpenDatabase | undefined;
after(() => embedded?.close());

/** Making an embedded database takes seconds: the suite empties one between its tests. */
async function emptied(): Promise<OpenDatabase> {
  embedded ??= await openEmbedded(await newFolder());
  const tables = (Object.values(schema) as PgTable[]).map((table) => getTableConfig(table).name);
  await embedded.db.execute(sql.raw(`truncate ${tables.join(', ')}`));
  return { ...embedded, close: () => Promise.resolve() };
}

recordSuite('embedded', async () => recordsOn(await emptied(), () => {}));
recordSuite('postgres', async () =>
  typeof postgres === 'string' ? postgres : openRecords({ url: await postgres.database() }),
);

test('the tables are as the code believes', async (t) => {
  if (typeof postgres === 'string') return t.skip(postgres);
  const url = await postgres.database();
  await (await openRecords({ url })).close();
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ place: string; type: string; required: boolean }>(
    `select table_name || '.' || column_name as place, is_nullable = 'NO' as required,
            case data_type when 'ARRAY' then 'text[]' else data_type end as type
     from information_schema.columns where table_schema = 'public' and table_name <> 'engram_migrations'`,
  );
  await client.end();
  const inDatabase = rows.map(({ place, type, required }) => `${place} ${type}${required ? ' not null' : ''}`);
  const types: Readonly<Record<string, string>> = { 'timestamp (3) with time zone': 'timestamp with time zone' };
  const inCode = (Object.values(schema) as PgTable[]).flatMap((table) => {
    const { name, columns } = getTableConfig(table);
    return columns.map((column) => {
      const type = column.getSQLType();
      return `${name}.${column.name} ${types[type] ?? type}${column.notNull ? ' not null' : ''}`;
    });
  });
  assert.deepEqual(inCode.sort(), inDatabase.sort());
});

test('processes that start at once bring the tables up to date once', async (t) => {
  if (typeof postgres === 'string') return t.skip(postgres);
  const url = await postgres.database();
  const opened = await Promise.all(Array.from({ length: 4 }, () => openRecords({ url })));
  const id = await queuedAudit(opened[0]!);
  assert.equal((await opened[3]!.audits.get('default', id)).status, 'queued');
  await Promise.all(opened.map((records) => records.close()));
});

test('a database made by a newer version is refused', async (t) => {
  if (typeof postgres === 'string') return t.skip(postgres);
  const url = await postgres.database();
  await (await openRecords({ url })).close();
  const client = new pg.Client(url);
  await client.connect();
  await client.query("insert into engram_migrations (name, digest) values ('9999-future', 'x')");
  await client.end();
  await assert.rejects(openRecords({ url }), {
    code: 'ENG_STORE_UNAVAILABLE',
    message: /newer engram: it has 9999-future/,
  });
});

test('a change made in one process is heard in another', async (t) => {
  if (typeof postgres === 'string') return t.skip(postgres);
  const url = await postgres.database();
  const [here, there] = await Promise.all([openRecords({ url }), openRecords({ url })]);
  const heard = new Promise((resolve) => there.watch(resolve));
  const id = await queuedAudit(here);
  assert.deepEqual(await heard, { project: 'default', auditId: id });
  await Promise.all([here.close(), there.close()]);
});

test('lost connections are made again, and watchers are told that they may have missed something', async (t) => {
  if (typeof postgres === 'string') return t.skip(postgres);
  const records = await openRecords({ url: await postgres.database() });
  const heard: unknown[] = [];
  records.watch((notice) => void heard.push(notice));
  await postgres.dropConnections();
  await eventually(async () => heard.length === 1 && heard[0] === undefined);
  const id = await queuedAudit(records);
  await eventually(async () => heard.length === 2);
  assert.deepEqual(heard[1], { project: 'default', auditId: id });
  await records.close();
});

test('a database that cannot be reached is unavailable, without its password in the message', async () => {
  const url = 'postgres://engram:hunter2@127.0.0.1:1/engram';
  await assert.rejects(openRecords({ url }), (error: Error & { code: string }) => {
    assert.equal(error.code, 'ENG_STORE_UNAVAILABLE');
    assert.doesNotMatch(JSON.stringify(error) + error.message, /hunter2/);
    return true;
  });
});

test('an embedded database is opened by one process at a time, and keeps what it was told', async () => {
  const folder = await newFolder();
  const records = await openRecords({ folder });
  const id = await queuedAudit(records);
  await assert.rejects(openRecords({ folder }), { code: 'ENG_STORE_UNAVAILABLE', message: /in use by process/ });
  await records.close();
  const again = await openRecords({ folder });
  assert.equal((await again.audits.get('default', id)).status, 'queued');
  await again.close();
});

test('what an embedded database acknowledged is there after its process was killed', { timeout: 120_000 }, async () => {
  const folder = await newFolder();
  const script = fileURLToPath(new URL('../fixtures/killable-writer.js', import.meta.url));
  const child = fork(script, [folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const acknowledged: string[] = [];
  await new Promise<void>((resolve) => {
    child.on('message', (id) => {
      acknowledged.push(String(id));
      if (acknowledged.length === 10) {
        child.kill('SIGKILL');
        child.once('exit', () => resolve());
      }
    });
  });
  const records: RecordStore = await openRecords({ folder });
  for (const id of acknowledged) assert.equal((await records.audits.get('default', id)).status, 'running');
  const { audit } = await records.audits.create('default', newAudit());
  assert.equal(audit.status, 'queued');
  await records.close();
});

async function eventually(claim: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await claim()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail('did not come true within 10 s');
}
