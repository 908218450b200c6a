import { isTerminal } from '@engram/domain';
import type { AuditNotice, AuditRecord, RecordStore } from '@engram/storage';
import { auditResource } from './audit-resource.js';

/** An unfinished audit is looked up again after this long, should a notice of its change get lost. */
const freshMs = 1000;
/** A wait is cut into pieces of this length, for the same reason. */
const lookAgainMs = 5000;
const remembered = 10_000;
const kept = 1000;

interface Known {
  readonly audit: Promise<AuditRecord>;
  readonly at: number;
  /** Of the resource as JSON, made when first asked for. */
  body: string | undefined;
}

/**
 * Audits as pollers see them: a record is read once for all who ask for it until it changes, and those who wait are
 * told when it does.
 */
export class WatchedAudits {
  private readonly records: Pick<RecordStore, 'audits'>;
  private readonly known = new Map<string, Known>();
  private readonly marks = new Map<string, number>();
  private readonly waiters = new Map<string, Set<() => void>>();
  private counter = 0;

  constructor(records: Pick<RecordStore, 'audits'>) {
    this.records = records;
  }

  /** @throws ENG_AUDIT_NOT_FOUND: also for an id of another project. */
  async get(project: string, id: string): Promise<AuditRecord> {
    return this.entry(project, id).audit;
  }

  /** The record with its resource as JSON. */
  async read(project: string, id: string): Promise<{ readonly audit: AuditRecord; body(): string }> {
    const entry = this.entry(project, id);
    const audit = await entry.audit;
    return {
      audit,
      body() {
        entry.body ??= JSON.stringify(auditResource(audit));
        return entry.body;
      },
    };
  }

  /** To be taken before the record is read, so that no change falls between reading and waiting. */
  mark(id: string): number {
    return this.marks.get(id) ?? 0;
  }

  /** @param notice undefined: any of them may have changed. */
  notify(notice: AuditNotice | undefined): void {
    if (notice === undefined) {
      this.known.clear();
      for (const waiters of [...this.waiters.values()]) for (const wake of [...waiters]) wake();
      return;
    }
    const { project, auditId } = notice;
    this.known.delete(`${project}/${auditId}`);
    this.marks.delete(auditId);
    this.marks.set(auditId, ++this.counter);
    if (this.marks.size > remembered) this.marks.delete(this.marks.keys().next().value as string);
    for (const wake of [...(this.waiters.get(auditId) ?? [])]) wake();
  }

  /** Resolves when the audit changes after `mark`, after `forMs` or five seconds, or when `signal` aborts. */
  async wait(id: string, mark: number, forMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.mark(id) !== mark) return;
    await new Promise<void>((resolve) => {
      const waiters = this.waiters.get(id) ?? new Set();
      this.waiters.set(id, waiters);
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        waiters.delete(wake);
        if (waiters.size === 0 && this.waiters.get(id) === waiters) this.waiters.delete(id);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(0, Math.min(forMs, lookAgainMs)));
      signal.addEventListener('abort', wake);
      waiters.add(wake);
    });
  }

  private entry(project: string, id: string): Known {
    const name = `${project}/${id}`;
    const known = this.known.get(name);
    if (known !== undefined && Date.now() - known.at < freshMs) return known;
    // In the map before it is read: a change meanwhile takes it out again, so an old record is not kept.
    const entry: Known = { audit: this.records.audits.get(project, id), at: Date.now(), body: undefined };
    this.known.delete(name);
    this.known.set(name, entry);
    if (this.known.size > kept) this.known.delete(this.known.keys().next().value as string);
    const forget = () => void (this.known.get(name) === entry && this.known.delete(name));
    entry.audit.then(
      // What has finished never changes again.
      ({ status }) => isTerminal(status) && this.known.get(name) === entry && this.keep(name, entry),
      forget,
    );
    return entry;
  }

  private keep(name: string, entry: Known): void {
    this.known.set(name, { ...entry, at: Number.POSITIVE_INFINITY });
  }
}
