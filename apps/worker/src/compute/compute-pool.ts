import type { TaskOutput } from '@engram/domain';
import { ComputeProcess, type ComputeProcessOptions, type ComputeTask, type RunOptions } from './compute-process.js';

/** As many compute processes as tasks may run at once; each takes one task at a time. */
export class ComputePool {
  private readonly processes: readonly ComputeProcess[];
  private readonly free: ComputeProcess[];
  private readonly waiting: ((process: ComputeProcess) => void)[] = [];

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

  async run(task: ComputeTask, options: RunOptions): Promise<TaskOutput> {
    const process = this.free.pop() ?? (await new Promise<ComputeProcess>((resolve) => this.waiting.push(resolve)));
    try {
      return await process.run(task, options);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free.push(process);
      else next(process);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.close()));
  }
}
