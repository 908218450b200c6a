/** How long a wait goes on without looking at the record again: a change may have been made by another process. */
const lookAgainMs = 2000;
const remembered = 10_000;

/** Tells those who wait for an audit that it has changed. */
export class AuditChanges {
  private readonly versions = new Map<string, number>();
  private readonly waiters = new Map<string, Set<() => void>>();
  private counter = 0;

  /** To be taken before the record is read, so that no change falls between reading and waiting. */
  version(auditId: string): number {
    return this.versions.get(auditId) ?? 0;
  }

  notify(auditId: string): void {
    this.versions.delete(auditId);
    this.versions.set(auditId, ++this.counter);
    if (this.versions.size > remembered) this.versions.delete(this.versions.keys().next().value as string);
    for (const wake of this.waiters.get(auditId) ?? []) wake();
  }

  /** Resolves when the audit changes beyond `version`, after `forMs` or two seconds, or when `signal` aborts. */
  async wait(auditId: string, version: number, forMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.version(auditId) !== version) return;
    await new Promise<void>((resolve) => {
      const waiters = this.waiters.get(auditId) ?? new Set();
      this.waiters.set(auditId, waiters);
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        waiters.delete(wake);
        if (waiters.size === 0 && this.waiters.get(auditId) === waiters) this.waiters.delete(auditId);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(0, Math.min(forMs, lookAgainMs)));
      signal.addEventListener('abort', wake);
      waiters.add(wake);
    });
  }
}
