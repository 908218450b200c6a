/** A wait is cut into pieces of this length, should a notice of a change get lost. */
const lookAgainMs = 5000;
const remembered = 10_000;

/** Tells those who wait for an audit that it has changed. */
export class AuditChanges {
  private readonly marks = new Map<string, number>();
  private readonly waiters = new Map<string, Set<() => void>>();
  private counter = 0;

  /** To be taken before the record is read, so that no change falls between reading and waiting. */
  mark(auditId: string): number {
    return this.marks.get(auditId) ?? 0;
  }

  /** @param auditId undefined: any of them may have changed. */
  notify(auditId: string | undefined): void {
    if (auditId === undefined) {
      for (const waiters of [...this.waiters.values()]) for (const wake of [...waiters]) wake();
      return;
    }
    this.marks.delete(auditId);
    this.marks.set(auditId, ++this.counter);
    if (this.marks.size > remembered) this.marks.delete(this.marks.keys().next().value as string);
    for (const wake of [...(this.waiters.get(auditId) ?? [])]) wake();
  }

  /** Resolves when the audit changes after `mark`, after `forMs` or five seconds, or when `signal` aborts. */
  async wait(auditId: string, mark: number, forMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.mark(auditId) !== mark) return;
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
