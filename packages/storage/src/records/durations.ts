import type { TaskKey, TaskKind } from '@engram/domain';
import { and, eq, sql } from 'drizzle-orm';
import type { Database } from './database.js';
import { withDatabase } from './failures.js';
import { taskDurations } from './schema.js';

export interface TaskDuration {
  readonly task: TaskKey;
  readonly kind: TaskKind;
  /** Where it ran: `cpu`, `cuda:0`. */
  readonly device: string;
  readonly units: number;
  readonly durationMs: number;
}

/** How fast tasks of a kind were on a device, by the latest of them. */
export interface TaskRate {
  readonly kind: TaskKind;
  readonly device: string;
  /** Median milliseconds a unit took. */
  readonly msPerUnit: number;
  /** How many tasks the median is of. */
  readonly tasks: number;
}

/** How long tasks took: what estimates are made of. Per project, so that nobody can time another's work. */
export interface TaskDurations {
  /** Each task counts once, however often it is told of; tasks of no units are left out. */
  add(project: string, duration: TaskDuration): Promise<void>;
  rates(project: string): Promise<TaskRate[]>;
}

/** Rates follow changes of machine and version: only the latest tasks of a kind and device count. */
const ratedTasks = 50;
const keptTasks = 500;

export function durationRecords(db: Database): TaskDurations {
  return {
    add: (project, duration) =>
      withDatabase(async () => {
        if (!(duration.units > 0)) return;
        const added = await db
          .insert(taskDurations)
          .values({ project, ...duration })
          .onConflictDoNothing()
          .returning({ id: taskDurations.id });
        if (added.length === 0) return;
        const sameKind = and(
          eq(taskDurations.project, project),
          eq(taskDurations.kind, duration.kind),
          eq(taskDurations.device, duration.device),
        );
        await db
          .delete(taskDurations)
          .where(
            and(
              sameKind,
              sql`${taskDurations.id} <= (select id from ${taskDurations} where ${sameKind} order by id desc offset ${keptTasks} limit 1)`,
            ),
          );
      }),

    rates: (project) =>
      withDatabase(async () => {
        const latest = db
          .select({
            kind: taskDurations.kind,
            device: taskDurations.device,
            msPerUnit: sql<number>`${taskDurations.durationMs} / ${taskDurations.units}`.as('ms_per_unit'),
            age: sql<number>`row_number() over (partition by ${taskDurations.kind}, ${taskDurations.device} order by ${taskDurations.id} desc)`.as(
              'age',
            ),
          })
          .from(taskDurations)
          .where(eq(taskDurations.project, project))
          .as('latest');
        const rows = await db
          .select({
            kind: latest.kind,
            device: latest.device,
            msPerUnit: sql<number>`percentile_cont(0.5) within group (order by ${latest.msPerUnit})`.mapWith(Number),
            tasks: sql<number>`count(*)`.mapWith(Number),
          })
          .from(latest)
          .where(sql`${latest.age} <= ${ratedTasks}`)
          .groupBy(latest.kind, latest.device)
          .orderBy(latest.kind, latest.device);
        return rows.map((row) => ({ ...row, kind: row.kind as TaskKind }));
      }),
  };
}
