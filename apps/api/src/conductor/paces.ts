import type { SecondsPerUnit } from '@engram/audits';
import type { TaskKind } from '@engram/domain';
import type { AuditQueue } from '@engram/queue';
import type { RecordStore, TaskRate } from '@engram/storage';

/** Device of tasks that did not say where they ran. */
export const anyDevice = 'any';

export interface Outlook {
  readonly pace: SecondsPerUnit;
  /** Tasks that can run at the same time, over all workers alive; at least 1. */
  readonly slots: number;
  readonly workers: number;
}

const freshMs = 5000;

/** What tasks take on the workers that are alive now: looked up at most every few seconds. */
export class Paces {
  private readonly records: Pick<RecordStore, 'durations'>;
  private readonly queue: Pick<AuditQueue, 'workersAlive'>;
  private readonly known = new Map<string, { readonly at: number; readonly outlook: Promise<Outlook> }>();

  constructor(records: Pick<RecordStore, 'durations'>, queue: Pick<AuditQueue, 'workersAlive'>) {
    this.records = records;
    this.queue = queue;
  }

  async outlook(project: string): Promise<Outlook> {
    const known = this.known.get(project);
    if (known !== undefined && Date.now() - known.at <= freshMs) return known.outlook;
    const outlook = this.look(project);
    this.known.set(project, { at: Date.now(), outlook });
    outlook.catch(() => this.known.delete(project));
    return outlook;
  }

  private async look(project: string): Promise<Outlook> {
    // Without Redis nobody runs anything now; what things took is known all the same.
    const workers = await this.queue.workersAlive().catch(() => []);
    const rates = await this.records.durations.rates(project);
    const devices = new Set(workers.map(({ device }) => device));
    return {
      pace: secondsPerUnit(rates, devices),
      slots: Math.max(
        1,
        workers.reduce((sum, { slots }) => sum + slots.compute, 0),
      ),
      workers: workers.length,
    };
  }
}

/** The mean over the devices in use; of a kind not timed on any of them, over all devices. */
export function secondsPerUnit(rates: readonly TaskRate[], devices: ReadonlySet<string>): SecondsPerUnit {
  const kinds = new Set(rates.map(({ kind }) => kind));
  return Object.fromEntries(
    [...kinds].map((kind): [TaskKind, number] => {
      const all = rates.filter((rate) => rate.kind === kind);
      const inUse = all.filter(({ device }) => device === anyDevice || devices.has(device));
      const chosen = inUse.length === 0 ? all : inUse;
      return [kind, chosen.reduce((sum, { msPerUnit }) => sum + msPerUnit, 0) / chosen.length / 1000];
    }),
  );
}
