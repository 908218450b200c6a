import type { AuditProgress } from '@engram/contract';
import type { Plan, TaskKey, TaskSpec } from '@engram/domain';
import type { Outlook } from './paces.js';
import { type RunningTask, remainingSeconds } from './remaining-time.js';

/** Where an unfinished audit stands, from what has been heard of it. */
export class AuditTracker {
  readonly plan: Plan;
  private readonly specs: ReadonlyMap<TaskKey, TaskSpec>;
  private readonly done: Set<TaskKey>;
  private readonly running = new Map<TaskKey, { readonly fraction: number; readonly startedAt: number }>();
  private readonly ranSeconds: number[] = [];
  private phase: string | null = null;
  /** When it was last heard of: an audit that is silent for long may have been lost. */
  heardAt = Date.now();
  /** When progress inside a task was last recorded, in milliseconds. */
  recordedAt = 0;

  constructor(plan: Plan, done: ReadonlySet<TaskKey>) {
    this.plan = plan;
    this.specs = new Map(plan.tasks.map((task) => [task.key, task]));
    this.done = new Set(done);
  }

  spec(task: TaskKey): TaskSpec | undefined {
    return this.specs.get(task);
  }

  isDone(task: TaskKey): boolean {
    return this.done.has(task);
  }

  started(task: TaskKey): void {
    this.heardAt = Date.now();
    this.phase = this.specs.get(task)?.kind ?? this.phase;
    this.running.set(task, { fraction: 0, startedAt: Date.now() });
  }

  advanced(task: TaskKey, fraction: number): void {
    const startedAt = this.running.get(task)?.startedAt ?? Date.now();
    this.heardAt = Date.now();
    this.phase = this.specs.get(task)?.kind ?? this.phase;
    this.running.set(task, { fraction: Math.min(1, Math.max(0, fraction)), startedAt });
  }

  /** @param seconds how long it ran; undefined: its output was there already. */
  completed(task: TaskKey, seconds: number | undefined): void {
    this.heardAt = Date.now();
    if (seconds !== undefined) this.ranSeconds.push(seconds);
    this.running.delete(task);
    this.done.add(task);
  }

  /** What the artifact store shows to be done, whoever did it. */
  settled(tasks: Iterable<TaskKey>): void {
    for (const task of tasks) {
      this.done.add(task);
      this.running.delete(task);
    }
  }

  progress({ pace, slots }: Outlook): AuditProgress {
    const { plan, done, ranSeconds } = this;
    const running = new Map(
      [...this.running].map(([task, { fraction, startedAt }]): [TaskKey, RunningTask] => [
        task,
        { fraction, elapsedSeconds: (Date.now() - startedAt) / 1000 },
      ]),
    );
    const seconds = remainingSeconds({ plan, done, running, ranSeconds, slots }, pace);
    return {
      done: done.size,
      total: plan.tasks.length,
      unit: 'task',
      phase: this.phase,
      etaSeconds: seconds === null ? null : rounded(seconds),
    };
  }
}

function rounded(seconds: number): number {
  return seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds);
}

/** Whether progress is worth a new event: a task or phase further, or an estimate that is off by more than a tenth. */
export function isNews(before: AuditProgress, now: AuditProgress): boolean {
  if (now.done < before.done) return false;
  if (now.done > before.done || now.phase !== before.phase || now.total !== before.total) return true;
  const [was, is] = [before.etaSeconds, now.etaSeconds];
  if (was === null || is === null) return was !== is;
  return Math.abs(was - is) > Math.max(2, was / 10);
}
