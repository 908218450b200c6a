import type { TaskOutput } from '@engram/domain';
import {
  ComputeProcess,
  type ComputeProcessOptions,
  type ComputeTask,
  cancelled,
  type RunOptions,
} from './compute-process.js';

/** As many compute processes as tasks may run at once; each takes one task at a time. */
export class ComputePool {
  private readonly processes: readonly ComputeProcess[];
  private readonly free: ComputeProcess[];
  private readonly waiting = new Set<(process: ComputeProcess) => void>();

  constructor(size: number, options: ComputeProcessOptions) {
    this.processes = Array.from({ length: size }, () => new ComputeProcess(options));
    this.free = [...this.processes];
  }

  get pids(): number[] {
    return this.processes.flatMap((process) => (process.pid === undefined ? [] : [process.pid]));
  }

  /** Has the process that takes the next task running beforehand: starting one takes about a second. */
  warm(): void {
    this.free.at(-1)?.warm();
  }

  /** @throws as `ComputeProcess.run`; ENG_AUDIT_CANCELLED at once when it is aborted while it waits for a process. */
  async run(task: ComputeTask, options: RunOptions): Promise<TaskOutput> {
    const process = this.free.pop() ?? (await this.nextFree(options.signal));
    try {
      return await process.run(task, options);
    } finally {
      const [next] = this.waiting;
      if (next === undefined) this.free.push(process);
      else next(process);
    }
  }

  private nextFree(signal: AbortSignal): Promise<ComputeProcess> {
    return new Promise((resolve, reject) => {
      const take = (process: ComputeProcess) => {
        this.waiting.delete(take);
        signal.removeEventListener('abort', leave);
        resolve(process);
      };
      const leave = () => {
        this.waiting.delete(take);
        reject(cancelled());
      };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.add(take);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.close()));
  }
}
