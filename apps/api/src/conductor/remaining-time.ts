import type { SecondsPerUnit } from '@engram/audits';
import type { Plan, TaskKey, TaskSpec } from '@engram/domain';

export interface RunningTask {
  /** Fraction done; 0 when it does not tell. */
  readonly fraction: number;
  readonly elapsedSeconds: number;
}

export interface Underway {
  readonly plan: Plan;
  readonly done: ReadonlySet<TaskKey>;
  readonly running: ReadonlyMap<TaskKey, RunningTask>;
  /** How long this audit's own tasks have taken, those that ran. */
  readonly ranSeconds: readonly number[];
  /** Tasks that can run at the same time. */
  readonly slots: number;
}

/**
 * Seconds until the last task of an audit is done: the longer of its longest chain of tasks and its work divided among
 * the slots. A kind never timed is taken to last as long as this audit's tasks have lasted so far.
 *
 * @returns null while nothing is known to judge by.
 */
export function remainingSeconds(underway: Underway, pace: SecondsPerUnit): number | null {
  const { plan, done, running, ranSeconds, slots } = underway;
  const ownPace = ranSeconds.length === 0 ? null : ranSeconds.reduce((sum, each) => sum + each, 0) / ranSeconds.length;
  const specs = new Map(plan.tasks.map((task) => [task.key, task]));
  const seconds = new Map<TaskKey, number>();
  for (const task of plan.tasks) {
    if (done.has(task.key)) continue;
    const perUnit = pace[task.kind];
    const whole = perUnit === undefined ? ownPace : perUnit * task.units;
    if (whole === null) return null;
    seconds.set(task.key, restOf(whole, running.get(task.key)));
  }
  const work = [...seconds.values()].reduce((sum, each) => sum + each, 0);
  return Math.max(work / Math.max(1, slots), longestChain(plan.root, specs, seconds, new Map()));
}

/** A task that does not tell its fraction is believed its usual time, and is never all but done. */
function restOf(whole: number, task: RunningTask | undefined): number {
  if (task === undefined) return whole;
  if (task.fraction > 0) return whole * (1 - task.fraction);
  return Math.max(whole - task.elapsedSeconds, whole / 20);
}

function longestChain(
  key: TaskKey,
  specs: ReadonlyMap<TaskKey, TaskSpec>,
  seconds: ReadonlyMap<TaskKey, number>,
  known: Map<TaskKey, number>,
): number {
  const found = known.get(key);
  if (found !== undefined) return found;
  const own = seconds.get(key);
  // What is done needs nothing any more, whatever its inputs.
  if (own === undefined) return 0;
  known.set(key, own);
  let before = 0;
  for (const input of Object.values(specs.get(key)?.inputs ?? {}))
    if ('task' in input) before = Math.max(before, longestChain(input.task, specs, seconds, known));
  known.set(key, own + before);
  return own + before;
}
