import type { SecondsPerUnit } from '@engram/audits';
import type { TaskKind } from '@engram/domain';
import type { AuditQueue } from '@engram/queue';
import type { Records, TaskPace } from '../records.js';

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
  private readonly records: Records;
  private readonly queue: Pick<AuditQueue, 'workersAlive'>;
  private known: { readonly at: number; readonly outlook: Promise<Outlook> } | undefined;

  constructor(records: Records, queue: Pick<AuditQueue, 'workersAlive'>) {
    this.records = records;
    this.queue = queue;
  }

  async outlook(): Promise<Outlook> {
    if (this.known === undefined || Date.now() - this.known.at > freshMs)
      this.known = { at: Date.now(), outlook: this.look() };
    return this.known.outlook;
  }

  private async look(): Promise<Outlook> {
    // Without Redis nobody runs anything now; what things took is known all the same.
    const workers = await this.queue.workersAlive().catch(() => []);
    const paces = await this.records.paces();
    const devices = new Set(workers.map(({ device }) => device));
    return {
      pace: secondsPerUnit(paces, devices),
      slots: Math.max(
        1,
        workers.reduce((sum, { slots }) => sum + slots.compute, 0),
      ),
      workers: workers.length,
    };
  }
}

/** The mean over the devices in use; over all devices when none is. */
export function secondsPerUnit(paces: readonly TaskPace[], devices: ReadonlySet<string>): SecondsPerUnit {
  const byKind = new Map<TaskKind, number[]>();
  for (const { kind, device, secondsPerUnit: seconds } of paces) {
    if (devices.size > 0 && device !== anyDevice && !devices.has(device)) continue;
    byKind.set(kind, [...(byKind.get(kind) ?? []), seconds]);
  }
  return Object.fromEntries(
    [...byKind].map(([kind, seconds]) => [kind, seconds.reduce((sum, each) => sum + each, 0) / seconds.length]),
  );
}
