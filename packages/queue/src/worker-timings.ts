/** Something worth a log line: a constant name and fields. */
export type WorkerListener = (event: string, fields: Readonly<Record<string, unknown>>) => void;

export interface WorkerTimings {
  /** A worker that is silent for this long is taken for dead. */
  readonly lockMs: number;
  /** How often tasks of dead workers are looked for. */
  readonly stalledCheckMs: number;
  /** How often running tasks are checked for a stop that was announced while the connection was away. */
  readonly stopCheckMs: number;
  readonly progressEveryMs: number;
  /** A task told to stop that has not after this long is no longer waited for. */
  readonly abandonMs: number;
}

export const workerTimings: WorkerTimings = {
  lockMs: 10_000,
  stalledCheckMs: 5000,
  stopCheckMs: 1000,
  progressEveryMs: 500,
  abandonMs: 10_000,
};
