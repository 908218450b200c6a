import type { TaskOutput, TaskProgress, TaskSpec } from '@engram/domain';
import { z } from 'zod';

/**
 * What a task's job carries: ids only. The worker reads the plan, which says what the task is, from the artifact store.
 * Fields added later must be optional until jobs without them are gone.
 */
export const taskPayload = z.object({
  auditId: z.string().regex(/^[A-Za-z0-9_]{1,64}$/),
  project: z.string().min(1),
  /** Digest of the JSON artifact holding the plan. */
  plan: z.string().min(1),
  task: z.string().regex(/^[A-Za-z0-9_]{1,128}$/),
  /** Tasks whose outputs this one reads that are not its children in the flow. */
  awaits: z.array(z.string()).default([]),
  /** True for the task that ends the audit. */
  root: z.boolean().default(false),
});

export type TaskPayload = z.output<typeof taskPayload>;

export interface JobDescription {
  readonly summary: string;
  readonly payload: typeof taskPayload;
  /** The most tries of one job, over all classes of error; see `retryPolicies` for each class. */
  readonly attempts: number;
  /** A try that takes longer is stopped and counts as a lost device. */
  readonly timeoutMs: number;
}

const hourMs = 3_600_000;

/** Every job there is, by the queue it waits in: one for each resource a task may need. */
export const jobCatalog = {
  compute: {
    summary: 'A task that needs the device: collecting signals, training, probing.',
    payload: taskPayload,
    attempts: 8,
    timeoutMs: 12 * hourMs,
  },
  light: {
    summary: 'A task on arrays in memory: scoring, estimating, writing the report.',
    payload: taskPayload,
    attempts: 8,
    timeoutMs: 2 * hourMs,
  },
} as const satisfies Readonly<Record<TaskSpec['resource'], JobDescription>>;

export type JobName = keyof typeof jobCatalog;

export const jobNames = Object.keys(jobCatalog) as JobName[];

/** What a handler is given beside the payload. */
export interface TaskContext {
  /** Aborted when the audit is cancelled or fails, the worker stops, or the task takes too long. Stop soon after. */
  readonly signal: AbortSignal;
  /** 1 on the first try. Raised after a lost device: make batches smaller. */
  readonly attempt: number;
  /** Throttled; may be called as often as is handy. */
  progress(progress: TaskProgress): void;
}

export type JobHandler<Name extends JobName> = (
  payload: z.output<(typeof jobCatalog)[Name]['payload']>,
  context: TaskContext,
) => Promise<TaskOutput>;

/** One handler for every job of the catalog; a missing one does not compile. */
export type JobHandlers = { readonly [Name in JobName]: JobHandler<Name> };

/** What a finished job leaves in Redis: small, since every listener receives it. */
export interface TaskResult {
  readonly output: TaskOutput;
  /** True when the output was there already and nothing was run. */
  readonly reused: boolean;
  readonly root: boolean;
  readonly worker: string;
}

/** Ids of jobs: enqueueing the same audit again finds the jobs of the first time. */
export function jobId(auditId: string, task: string): string {
  return `${auditId}-${task}`;
}

export function splitJobId(id: string): { readonly auditId: string; readonly task: string } {
  const dash = id.indexOf('-');
  return { auditId: id.slice(0, dash), task: id.slice(dash + 1) };
}
