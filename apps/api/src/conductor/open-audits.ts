import { type ArtifactStore, isTerminal, type Plan } from '@engram/domain';
import type { AuditChange, AuditNotice, AuditRecord, NewEvent, RecordStore } from '@engram/storage';
import { AuditTracker } from './audit-tracker.js';
import { settledTasks } from './tasks-to-run.js';

export type Unfinished = 'queued' | 'running';

/** A change to an audit's record, with the events that tell of it. */
export interface Decision {
  /** Statuses it holds for; both when absent. */
  readonly from?: readonly Unfinished[];
  readonly change: AuditChange;
  readonly events: readonly NewEvent[];
}

/** The audits that have not ended: their records, and how far each has come. The queue tells of audits by id alone. */
export class OpenAudits {
  private readonly records: Pick<RecordStore, 'audits'>;
  private readonly store: ArtifactStore;
  private readonly onChange: (notice: AuditNotice) => void;
  private readonly projects = new Map<string, string>();
  private readonly trackers = new Map<string, Promise<AuditTracker>>();

  /** @param onChange called when a record was changed here, before whoever asked for it is answered. */
  constructor(records: Pick<RecordStore, 'audits'>, store: ArtifactStore, onChange: (notice: AuditNotice) => void) {
    this.records = records;
    this.store = store;
    this.onChange = onChange;
  }

  remember({ id, project }: AuditRecord): void {
    this.projects.set(id, project);
  }

  async unfinished(): Promise<readonly AuditRecord[]> {
    const audits = await this.records.audits.unfinished();
    for (const audit of audits) this.remember(audit);
    return audits;
  }

  /** The record of an unfinished audit; undefined when it has ended or was never recorded. */
  async find(auditId: string): Promise<AuditRecord | undefined> {
    // Another process may have accepted it.
    if (!this.projects.has(auditId)) await this.unfinished();
    const project = this.projects.get(auditId);
    if (project === undefined) return undefined;
    const audit = await this.records.audits.get(project, auditId);
    if (!isTerminal(audit.status)) return audit;
    this.drop(auditId);
    return undefined;
  }

  /** How far the audit has come; its plan and finished tasks are read at the first call. */
  tracker(audit: AuditRecord): Promise<AuditTracker> {
    const known = this.trackers.get(audit.id);
    if (known !== undefined) return known;
    const loading = this.loadTracker(audit);
    this.trackers.set(audit.id, loading);
    loading.catch(() => this.trackers.delete(audit.id));
    return loading;
  }

  /** Undefined while nothing has been heard of the audit. */
  knownTracker(auditId: string): Promise<AuditTracker> | undefined {
    return this.trackers.get(auditId);
  }

  async record({ project, id }: AuditRecord, { from, change, events }: Decision): Promise<void> {
    await this.records.audits.change(project, id, from ?? ['queued', 'running'], change, events);
    this.onChange({ project, auditId: id });
  }

  drop(auditId: string): void {
    this.projects.delete(auditId);
    this.trackers.delete(auditId);
  }

  private async loadTracker({ project, plan: digest }: AuditRecord): Promise<AuditTracker> {
    const bytes = await this.store.read(project, digest ?? '');
    const plan = JSON.parse(new TextDecoder().decode(bytes)) as Plan;
    return new AuditTracker(plan, await settledTasks(this.store, project, plan));
  }
}
