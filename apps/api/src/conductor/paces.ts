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

/** The mean over the devices in use; over all devices when none is. */
export function secondsPerUnit(rates: readonly TaskRate[], devices: ReadonlySet<string>): SecondsPerUnit {
  const byKind = new Map<TaskKind, number[]>();
  for (const { kind, device, msPerUnit } of rates) {
    if (devices.size > 0 && device !== anyDevice && !devices.has(device)) continue;
    byKind.set(kind, [...(byKind.get(kind) ?? []), msPerUnit / 1000]);
  }
  return Object.fromEntries(
    [...byKind].map(([kind, seconds]) => [kind, seconds.reduce((sum, each) => sum + each, 0) / seconds.length]),
  );
}
