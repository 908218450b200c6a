export * from './artifacts/folder-store.js';
export type { ApiKeyRecord, ApiKeys } from './records/api-keys.js';
export type {
  AuditChange,
  AuditEvent,
  AuditRecord,
  AuditRecords,
  IdempotencyKey,
  NewAudit,
  NewEvent,
} from './records/audits.js';
export type { TaskDuration, TaskDurations, TaskRate } from './records/durations.js';
export { newId, type RecordKind } from './records/identifiers.js';
export type { ItemRecord, ItemRecords, NewItem } from './records/items.js';
export type { PageRequest, RecordPage } from './records/page.js';
export { type AuditNotice, openRecords, type RecordStore, type RecordsOptions } from './records/records.js';
export type { RecordedProgress } from './records/schema.js';
