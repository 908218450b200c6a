import type { ArtifactStore, Plan, TaskKey } from '@engram/domain';

/** Tasks of a plan that still have to run: the root's needs, through what is not done. */
export function tasksToRun(plan: Plan, isDone: (task: TaskKey) => boolean): ReadonlySet<TaskKey> {
  const specs = new Map(plan.tasks.map((task) => [task.key, task]));
  const toRun = new Set<TaskKey>();
  const pending = [plan.root];
  for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
    if (toRun.has(key) || isDone(key)) continue;
    toRun.add(key);
    for (const input of Object.values(specs.get(key)?.inputs ?? {})) if ('task' in input) pending.push(input.task);
  }
  return toRun;
}

/** Tasks of a plan that need not run any more: their outputs are there, or nothing that runs reads them. */
export async function settledTasks(
  store: Pick<ArtifactStore, 'resolve'>,
  project: string,
  plan: Plan,
): Promise<Set<TaskKey>> {
  const linked = new Set<TaskKey>();
  const pending = plan.tasks.values();
  const look = async (): Promise<void> => {
    for (const { key } of pending) if ((await store.resolve(project, key)) !== undefined) linked.add(key);
  };
  await Promise.all(Array.from({ length: 16 }, look));
  const toRun = tasksToRun(plan, (key) => linked.has(key));
  return new Set(plan.tasks.map(({ key }) => key).filter((key) => !toRun.has(key)));
}
