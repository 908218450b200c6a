import type { AuditProgress } from '@engram/contract';
import type { Plan, TaskKey, TaskSpec } from '@engram/domain';
import type { Outlook } from './paces.js';
import { remainingSeconds } from './remaining-time.js';

/** Where an unfinished audit stands, from what has been heard of it. */
export class AuditTracker {
  readonly plan: Plan;
  private readonly specs: ReadonlyMap<TaskKey, TaskSpec>;
  private readonly done: Set<TaskKey>;
  private readonly fractions = new Map<TaskKey, number>();
  private phase: string | null = null;
  private beganAt: number | undefined;
  private ran = 0;
  /** When it was last heard of: an audit that is silent for long may have been lost. */
  heardAt = Date.now();

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
    this.beganAt ??= Date.now();
    this.phase = this.specs.get(task)?.kind ?? this.phase;
    this.fractions.set(task, 0);
  }

  advanced(task: TaskKey, fraction: number): void {
    this.started(task);
    this.fractions.set(task, Math.min(1, Math.max(0, fraction)));
  }

  completed(task: TaskKey, reused: boolean): void {
    this.heardAt = Date.now();
    if (!reused) {
      this.beganAt ??= Date.now();
      this.ran += 1;
    }
    this.fractions.delete(task);
    this.done.add(task);
  }

  /** What the artifact store shows to be done, whoever did it. */
  settled(tasks: Iterable<TaskKey>): void {
    for (const task of tasks) {
      this.done.add(task);
      this.fractions.delete(task);
    }
  }

  progress({ pace, slots }: Outlook): AuditProgress {
    const elapsedSeconds = this.beganAt === undefined ? 0 : (Date.now() - this.beganAt) / 1000;
    const { plan, done, fractions, ran } = this;
    const seconds = remainingSeconds({ plan, done, fractions, elapsedSeconds, ran, slots }, pace);
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
