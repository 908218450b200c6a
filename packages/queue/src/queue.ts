import { setTimeout as pause } from 'node:timers/promises';
import type { ArtifactStore, Digest, Plan, TaskKey } from '@engram/domain';
import { type FlowJobNode, FlowProducer, Queue } from 'bullmq';
import { type AuditJobs, type Manifest, readAuditJobs, readManifest, removeJobs, writeManifest } from './audit-jobs.js';
import { type JobName, jobCatalog, jobId, jobNames, type TaskPayload, taskPayload } from './catalog.js';
import { asked, connect, disconnect } from './connection.js';
import { openEvents, type QueueEventSource } from './events.js';
import { holdExclusively } from './exclusive.js';
import { type FlowNode, flowTree, nodesOf } from './flow-tree.js';
import { aliveWorkers, type WorkerStatus } from './heartbeat.js';
import { queueKeys } from './keys.js';
import { readStop, recordStop, type StopCause } from './stops.js';

export interface QueueOptions {
  readonly redisUrl: string;
  /** Names everything kept in Redis: deployments sharing a server have different ones. */
  readonly prefix?: string;
  /** Tells which tasks are done already. */
  readonly artifacts: Pick<ArtifactStore, 'resolve'>;
  /** Troubles of the connections, each of which is ridden out. */
  readonly onError?: (error: unknown) => void;
}

export interface AuditToEnqueue {
  readonly auditId: string;
  readonly project: string;
  /** Digest of the JSON artifact holding the plan. */
  readonly planDigest: Digest;
  readonly plan: Plan;
}

export interface Enqueued {
  /** `enqueued`; `underWay`: its jobs were there already; `stopped`: it was cancelled or failed, nothing was enqueued. */
  readonly outcome: 'enqueued' | 'underWay' | 'stopped';
  /** Tasks that need not run: their outputs are there, or are needed by nothing that runs. */
  readonly skipped: readonly TaskKey[];
}

export interface JobCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly waitingForInputs: number;
}

/** The side of the queue that asks for work: in the API process. */
export interface AuditQueue {
  /**
   * Turns a plan into jobs. Safe to repeat, also from several processes: jobs that are there are left as they are,
   * lost ones are made anew, and what is done is not enqueued again.
   */
  enqueueAudit(audit: AuditToEnqueue): Promise<Enqueued>;
  /** Removes the audit's waiting jobs and stops its running ones. @returns the cause that stands (a failure may have come first). */
  cancelAudit(auditId: string): Promise<StopCause>;
  auditJobs(auditId: string): Promise<AuditJobs>;
  /** Clears what is left in Redis of an audit that ended. */
  forgetAudit(auditId: string): Promise<void>;
  readonly events: QueueEventSource;
  workersAlive(): Promise<WorkerStatus[]>;
  /** Jobs by queue: what an autoscaler looks at. */
  depth(): Promise<Readonly<Record<JobName, JobCounts>>>;
  /** @throws ENG_QUEUE_UNAVAILABLE */
  health(): Promise<{ readonly latencyMs: number }>;
  close(): Promise<void>;
}

/** How long a finished job of an audit nobody forgot stays in Redis. */
const keptSeconds = 30 * 24 * 3600;
/** Tasks of one audit beyond this many all queue alike. */
const ranksTold = 1000;
const enqueueTimeoutMs = 60_000;

/** @throws ENG_QUEUE_UNAVAILABLE the server cannot be reached. */
export async function openQueue(options: QueueOptions): Promise<AuditQueue> {
  const { redisUrl, prefix = 'engram', artifacts, onError = () => {} } = options;
  const keys = queueKeys(prefix);
  const redis = connect(redisUrl, 'asking');
  const queueOptions = { connection: redis, prefix, skipWaitingForReady: true };
  const queues = Object.fromEntries(jobNames.map((name) => [name, new Queue(name, queueOptions)])) as Record<
    JobName,
    Queue
  >;
  const flows = new FlowProducer({ connection: redis, prefix });
  for (const queue of Object.values(queues)) queue.on('error', onError);
  flows.on('error', onError);
  const events = openEvents(redisUrl, prefix, onError);

  async function stop(auditId: string, cause: StopCause): Promise<StopCause> {
    const standing = await recordStop(redis, keys, auditId, cause);
    const manifest = await readManifest(redis, keys, auditId);
    if (manifest !== undefined) await removeJobs(queues, auditId, manifest);
    return standing;
  }
  // The worker that saw the failure does this too; it may have died right after.
  events.source.on('auditFailed', ({ auditId, task, error }) => {
    stop(auditId, { kind: 'failed', task, error }).catch(onError);
  });

  async function isUnderWay(auditId: string): Promise<boolean> {
    // A job between two states shows in neither: nobody is declared lost at first sight.
    for (let looks = 0; looks < 3; looks++) {
      const { known, root, counts } = await readAuditJobs(redis, keys, queues, auditId);
      if (!known || root === 'absent') return false;
      if (root !== 'waitingForInputs' || counts.waiting + counts.active + counts.delayed > 0) return true;
      await pause(100);
    }
    return false;
  }

  async function enqueue(audit: AuditToEnqueue): Promise<Enqueued> {
    const { auditId, plan, project } = audit;
    if ((await readStop(redis, keys, auditId)) !== undefined)
      return { outcome: 'stopped', skipped: plan.tasks.map((task) => task.key) };
    const done = await doneTasks(artifacts, project, plan);
    const tree = flowTree(plan, (task) => done.has(task));
    const nodes = [...nodesOf(tree)];
    const runs = new Set(nodes.map((node) => node.task.key));
    if (done.has(plan.root)) runs.delete(plan.root);
    const skipped = plan.tasks.flatMap((task) => (runs.has(task.key) ? [] : [task.key]));
    if (await isUnderWay(auditId)) return { outcome: 'underWay', skipped };

    const previous = await readManifest(redis, keys, auditId);
    if (previous !== undefined) await removeJobs(queues, auditId, previous);
    const manifest: Manifest = {
      root: plan.root,
      jobs: nodes.map((node) => ({ task: node.task.key, job: node.task.resource })),
    };
    await writeManifest(redis, keys, auditId, manifest);
    await flows.add(jobOf(tree, audit));
    return { outcome: 'enqueued', skipped };
  }

  async function close(): Promise<void> {
    await events.close();
    await Promise.allSettled([...Object.values(queues).map((queue) => queue.close()), flows.close()]);
    await disconnect(redis);
  }

  try {
    await asked('opening the queue', () => redis.ping());
    await asked('listening to the queue', () => events.ready, 30_000);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    enqueueAudit: (audit) =>
      asked(
        'enqueueing an audit',
        async () => {
          const key = keys.enqueueing(audit.auditId);
          let held = await holdExclusively(redis, key, 10_000);
          while (held === undefined) {
            await pause(50);
            held = await holdExclusively(redis, key, 10_000);
          }
          try {
            return await enqueue(audit);
          } finally {
            await held.release();
          }
        },
        enqueueTimeoutMs,
      ),
    cancelAudit: (auditId) => asked('cancelling an audit', () => stop(auditId, { kind: 'cancelled' })),
    auditJobs: (auditId) => asked('reading an audit’s jobs', () => readAuditJobs(redis, keys, queues, auditId)),
    forgetAudit: (auditId) =>
      asked('clearing an audit', async () => {
        const manifest = await readManifest(redis, keys, auditId);
        if (manifest !== undefined) await removeJobs(queues, auditId, manifest);
        await redis.del(keys.audit(auditId));
      }),
    events: events.source,
    workersAlive: () => asked('listing workers', () => aliveWorkers(redis, keys)),
    depth: () =>
      asked('counting jobs', async () => {
        const counted = await Promise.all(
          jobNames.map(async (name): Promise<[JobName, JobCounts]> => {
            const counts = await queues[name].getJobCounts(
              'wait',
              'prioritized',
              'active',
              'delayed',
              'waiting-children',
            );
            return [
              name,
              {
                waiting: (counts.wait ?? 0) + (counts.prioritized ?? 0),
                active: counts.active ?? 0,
                delayed: counts.delayed ?? 0,
                waitingForInputs: counts['waiting-children'] ?? 0,
              },
            ];
          }),
        );
        return Object.fromEntries(counted) as Record<JobName, JobCounts>;
      }),
    health: () =>
      asked(
        'asking after the queue',
        async () => {
          const startedAt = performance.now();
          await redis.ping();
          return { latencyMs: performance.now() - startedAt };
        },
        2000,
      ),
    close,
  };
}

async function doneTasks(
  artifacts: Pick<ArtifactStore, 'resolve'>,
  project: string,
  plan: Plan,
): Promise<ReadonlySet<TaskKey>> {
  const done = new Set<TaskKey>();
  const pending = plan.tasks.values();
  const look = async (): Promise<void> => {
    for (const { key } of pending) if ((await artifacts.resolve(project, key)) !== undefined) done.add(key);
  };
  await Promise.all(Array.from({ length: 16 }, look));
  return done;
}

function jobOf(node: FlowNode, audit: AuditToEnqueue, isRoot = true): FlowJobNode {
  const { task } = node;
  const payload: TaskPayload = {
    auditId: audit.auditId,
    project: audit.project,
    plan: audit.planDigest,
    task: task.key,
    awaits: [...node.awaits],
    root: isRoot,
  };
  return {
    name: task.kind,
    queueName: task.resource,
    data: taskPayload.parse(payload),
    opts: {
      jobId: jobId(audit.auditId, task.key),
      attempts: jobCatalog[task.resource].attempts,
      backoff: { type: 'custom' },
      // Audits take turns: the n-th task of every audit queues alike, so a short audit is not behind all of a long one.
      priority: 1 + Math.min(node.rank, ranksTold),
      removeOnComplete: { age: keptSeconds },
      removeOnFail: { age: keptSeconds },
      stackTraceLimit: 0,
      keepLogs: 0,
    },
    ...(node.children.length === 0 ? {} : { children: node.children.map((child) => jobOf(child, audit, false)) }),
  };
}
