import type { AuditStatus, Digest, Json, SerializedError, StoredDataset, StoredModel, Verdict } from '@engram/domain';
import {
  bigint,
  doublePrecision,
  index,
  integer,
  json,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core';

/** What an audit has done so far. */
export interface RecordedProgress {
  readonly done: number;
  readonly total: number;
  readonly unit: 'task';
  /** Kind of the task last heard of. */
  readonly phase: string | null;
  readonly etaSeconds: number | null;
}

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 });

// The tables as the migrations leave them; a test compares the two. Indexes are the migrations' affair.

export const projects = pgTable('projects', {
  id: text('id').primaryKey(),
  createdAt: moment('created_at').notNull().defaultNow(),
});

export const apiKeys = pgTable('api_keys', {
  id: text('id').primaryKey(),
  project: text('project').notNull(),
  name: text('name').notNull(),
  salt: text('salt').notNull(),
  hash: text('hash').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
  revokedAt: moment('revoked_at'),
});

export const models = pgTable('models', {
  id: text('id').primaryKey(),
  project: text('project').notNull(),
  stored: json('stored').$type<StoredModel>().notNull(),
  artifact: text('artifact').$type<Digest>().notNull(),
  digests: text('digests').array().$type<Digest[]>().notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
});

export const datasets = pgTable('datasets', {
  id: text('id').primaryKey(),
  project: text('project').notNull(),
  stored: json('stored').$type<StoredDataset>().notNull(),
  artifact: text('artifact').$type<Digest>().notNull(),
  digests: text('digests').array().$type<Digest[]>().notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
});

export const audits = pgTable('audits', {
  id: text('id').primaryKey(),
  project: text('project').notNull(),
  name: text('name').notNull(),
  status: text('status').$type<AuditStatus>().notNull(),
  request: json('request').$type<Json>().notNull(),
  seed: bigint('seed', { mode: 'number' }).notNull(),
  plan: text('plan').$type<Digest>(),
  progress: json('progress').$type<RecordedProgress>().notNull(),
  estimate: json('estimate').$type<Json>(),
  notices: json('notices').$type<readonly string[]>().notNull(),
  findings: json('findings').$type<readonly Json[]>().notNull(),
  verdict: text('verdict').$type<Verdict>(),
  report: text('report').$type<Digest>(),
  error: json('error').$type<SerializedError>(),
  version: integer('version').notNull().default(1),
  lastEvent: integer('last_event').notNull().default(0),
  createdAt: moment('created_at').notNull().defaultNow(),
  startedAt: moment('started_at'),
  finishedAt: moment('finished_at'),
  updatedAt: moment('updated_at').notNull().defaultNow(),
});

export const auditInputs = pgTable(
  'audit_inputs',
  { audit: text('audit').notNull(), project: text('project').notNull(), item: text('item').notNull() },
  (table) => [primaryKey({ columns: [table.audit, table.item] })],
);

export const auditEvents = pgTable(
  'audit_events',
  {
    audit: text('audit').notNull(),
    project: text('project').notNull(),
    sequence: integer('sequence').notNull(),
    type: text('type').notNull(),
    data: json('data').$type<Json>().notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.audit, table.sequence] })],
);

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    project: text('project').notNull(),
    key: text('key').notNull(),
    bodyDigest: text('body_digest').notNull(),
    audit: text('audit').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.project, table.key] })],
);

export const taskDurations = pgTable(
  'task_durations',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    project: text('project').notNull(),
    task: text('task').notNull(),
    kind: text('kind').notNull(),
    device: text('device').notNull(),
    units: doublePrecision('units').notNull(),
    durationMs: doublePrecision('duration_ms').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [unique().on(table.project, table.task), index().on(table.project, table.kind)],
);
