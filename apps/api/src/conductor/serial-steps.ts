/** Work on one audit after another piece of work on it; different audits do not wait for each other. */
export class SerialSteps {
  private readonly failed: (auditId: string, err: unknown) => void;
  /** The last of each audit's steps. */
  private readonly last = new Map<string, Promise<void>>();

  /** @param failed told of work that threw; what follows is done all the same. */
  constructor(failed: (auditId: string, err: unknown) => void) {
    this.failed = failed;
  }

  add(auditId: string, work: () => Promise<void>): Promise<void> {
    const before = this.last.get(auditId) ?? Promise.resolve();
    const step = before.then(work).catch((err: unknown) => this.failed(auditId, err));
    this.last.set(auditId, step);
    void step.then(() => {
      if (this.last.get(auditId) === step) this.last.delete(auditId);
    });
    return step;
  }

  /** Resolves when everything added so far is done. */
  async settled(): Promise<void> {
    while (this.last.size > 0) await Promise.all(this.last.values());
  }
}
