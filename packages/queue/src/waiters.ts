import { setTimeout as pause } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import { type JobName, jobNames } from './catalog.js';
import type { Redis } from './connection.js';
import type { QueueKeys } from './keys.js';

/** Jobs delayed until a task is done, so that they need not find out by themselves. */
export interface Waiters {
  add(project: string, task: string, job: JobName, jobId: string): Promise<void>;
  /** Lets every job that waits for the task start at once. */
  wake(project: string, task: string): Promise<void>;
}

const rememberedSeconds = 3600;

export function waitersOf(redis: Redis, keys: QueueKeys, queues: Readonly<Record<JobName, Queue>>): Waiters {
  return {
    async add(project, task, job, jobId) {
      const key = keys.waiters(project, task);
      await redis.multi().sadd(key, `${job} ${jobId}`).expire(key, rememberedSeconds).exec();
    },
    async wake(project, task) {
      const key = keys.waiters(project, task);
      const replies = await redis.multi().smembers(key).del(key).exec();
      const members = (replies?.[0]?.[1] ?? []) as string[];
      await Promise.all(
        members.map(async (member) => {
          const [name, jobId] = member.split(' ') as [JobName, string];
          if (jobNames.includes(name)) await promote(queues[name], jobId);
        }),
      );
    },
  };
}

/** A job may be between looking and lying down when it is called: it is called again, and would else wake by itself. */
async function promote(queue: Queue, jobId: string): Promise<void> {
  for (let tries = 0; tries < 3; tries++) {
    const job = await queue.getJob(jobId);
    const state = await job?.getState();
    if (state === 'delayed')
      return job?.promote().catch(() => {
        // Its delay ran out in between.
      });
    if (state !== 'active') return;
    await pause(20);
  }
}
