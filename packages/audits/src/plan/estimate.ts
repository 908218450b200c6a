import type { Plan, TaskKind } from '@engram/domain';

/** Seconds one unit of each kind took on the devices of this service, as measured. Kinds never run are absent. */
export type SecondsPerUnit = Readonly<Partial<Record<TaskKind, number>>>;

export interface CostEstimate {
  /** Wall-clock seconds with the given workers; null while some kind of the plan was never measured. */
  readonly seconds: number | null;
  readonly tasks: number;
  readonly byKind: Readonly<Partial<Record<TaskKind, { readonly tasks: number; readonly seconds: number | null }>>>;
}

/** What a plan will cost, from what its kinds of work took before. Finished tasks cost nothing: leave them out. */
export function estimateCost(
  plan: Plan,
  pace: SecondsPerUnit,
  options: { readonly workers: number; readonly finished?: ReadonlySet<string> },
): CostEstimate {
  const byKind: Partial<Record<TaskKind, { tasks: number; seconds: number | null }>> = {};
  let total: number | null = 0;
  let tasks = 0;
  for (const task of plan.tasks) {
    if (options.finished?.has(task.key)) continue;
    tasks += 1;
    const perUnit = pace[task.kind];
    const seconds = perUnit === undefined ? null : perUnit * task.units;
    const entry = byKind[task.kind] ?? { tasks: 0, seconds: 0 };
    byKind[task.kind] = entry;
    entry.tasks += 1;
    entry.seconds = entry.seconds === null || seconds === null ? null : entry.seconds + seconds;
    total = total === null || seconds === null ? null : total + seconds;
  }
  return { seconds: total === null ? null : total / Math.max(1, options.workers), tasks, byKind };
}
