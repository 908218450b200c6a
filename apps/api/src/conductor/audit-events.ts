import type { AuditProgress, Finding, StatusEvent } from '@engram/contract';
import type { AuditStatus, Json } from '@engram/domain';
import type { AuditRecord, NewEvent } from '@engram/storage';

export function statusEvent(status: AuditStatus, at: string, verdict: StatusEvent['verdict'] = null): NewEvent {
  return { type: 'status', data: { status, at, verdict } satisfies StatusEvent };
}

export function progressEvent(progress: AuditProgress): NewEvent {
  return { type: 'progress', data: progress };
}

export function findingEvent(finding: Finding): NewEvent {
  return { type: 'finding', data: finding as unknown as { readonly [key: string]: Json } };
}

/** Findings the record does not have yet: each is told of once. */
export function newFindings(current: AuditRecord, found: readonly Finding[]): Finding[] {
  const told = new Set((current.findings as unknown as readonly Finding[]).map(({ id }) => id));
  return found.filter(({ id }) => !told.has(id));
}
