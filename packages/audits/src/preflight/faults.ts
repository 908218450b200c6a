import { EngramError, type ErrorCode, type FieldFault } from '@engram/domain';

/**
 * Faults gathered over a whole request, so that the reader mends it once. The first fault's code names the problem; all
 * are listed with their pointers, and what can be done about each stands in the remedy.
 */
export class Faults {
  private readonly found: {
    readonly code: ErrorCode;
    readonly fault: FieldFault;
    readonly remedy: string | undefined;
  }[] = [];

  add(code: ErrorCode, pointer: string, message: string, remedy?: string): void {
    this.found.push({ code, fault: { pointer, message }, remedy });
  }

  /** Runs a check that throws; its faults, or its message at `pointer`, are kept. */
  gather<T>(pointer: string, check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof EngramError)) throw error;
      if (error.faults.length === 0) this.add(error.code, pointer, error.message, error.remedy);
      for (const fault of error.faults) this.add(error.code, fault.pointer, fault.message, error.remedy);
      return undefined;
    }
  }

  get any(): boolean {
    return this.found.length > 0;
  }

  /** @throws the gathered faults as one error, when there are any. */
  throwIfAny(): void {
    const [first] = this.found;
    if (first === undefined) return;
    const more = this.found.length - 1;
    const message = more === 0 ? first.fault.message : `${first.fault.message} (and ${more} more)`;
    const remedies = new Set(this.found.flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy])));
    throw new EngramError(first.code, message, {
      faults: this.found.map(({ fault }) => fault),
      ...(remedies.size === 0 ? {} : { remedy: [...remedies].join(' ') }),
    });
  }
}
