import { type ChildProcess, fork } from 'node:child_process';
import { deserializeError, EngramError, type TaskOutput, type TaskProgress, type TaskSpec } from '@engram/domain';
import type { ComputeSettings, FromCompute, TaskInputs, ToCompute } from './messages.js';

export interface ComputeTask {
  readonly project: string;
  readonly task: TaskSpec;
  readonly inputs: TaskInputs;
  readonly attempt: number;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TaskProgress) => void;
}

export interface ComputeProcessOptions {
  /** The script the child runs. */
  readonly entry: string;
  readonly settings: ComputeSettings;
  /** The child is replaced between tasks once it holds more than this: libtensorflow keeps what it once took. */
  readonly recycleAboveBytes: number;
  /** Given to a cancelled child to stop by itself before it is killed. */
  readonly graceMs?: number;
  readonly onEvent?: (event: 'started' | 'recycled' | 'exited', details: Record<string, unknown>) => void;
}

interface Running {
  readonly id: number;
  readonly resolve: (output: TaskOutput) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: RunOptions['onProgress'];
}

/**
 * The one process that owns the device. The worker's event loop stays free while tensors run here; a crash or an
 * out-of-memory kill takes this process only, and the task is run again in a fresh one.
 */
export class ComputeProcess {
  private readonly options: ComputeProcessOptions;
  private child: ChildProcess | undefined;
  private running: Running | undefined;
  private nextId = 1;
  private closed = false;

  constructor(options: ComputeProcessOptions) {
    this.options = options;
  }

  /** Process id of the living child, if any. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /**
   * Runs one task; callers queue for it themselves.
   *
   * @throws ENG_DEVICE_LOST when the child dies under it; ENG_AUDIT_CANCELLED after an abort; whatever the task throws.
   */
  async run(task: ComputeTask, options: RunOptions): Promise<TaskOutput> {
    if (this.closed) throw new EngramError('ENG_DEVICE_LOST', 'the compute process was closed');
    if (this.running !== undefined) throw new EngramError('ENG_INTERNAL', 'the compute process already runs a task');
    if (options.signal.aborted) throw cancelled();
    const child = this.child ?? this.start();
    const id = this.nextId++;
    return new Promise<TaskOutput>((resolve, reject) => {
      const onAbort = () => this.cancel(id, child);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          options.signal.removeEventListener('abort', onAbort);
          this.running = undefined;
          then(value);
        };
      this.running = {
        id,
        resolve: settle(resolve),
        reject: settle((error) => reject(options.signal.aborted ? cancelled() : error)),
        onProgress: options.onProgress,
      };
      options.signal.addEventListener('abort', onAbort, { once: true });
      this.send(child, { type: 'run', id, ...task });
    });
  }

  /** Starts the child without a task for it. */
  warm(): void {
    if (!this.closed && this.child === undefined) this.start();
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.stop();
  }

  private start(): ChildProcess {
    const child = fork(this.options.entry, [JSON.stringify(this.options.settings)], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: ['--enable-source-maps'],
    });
    child.on('message', (message) => this.receive(child, message as FromCompute));
    child.on('error', (error) =>
      this.lost(
        child,
        new EngramError('ENG_DEVICE_LOST', 'the compute process could not be started', { cause: error }),
      ),
    );
    child.on('exit', (code, signal) => {
      this.options.onEvent?.('exited', { pid: child.pid, code, signal });
      this.lost(
        child,
        new EngramError('ENG_DEVICE_LOST', `the compute process ended (${signal ?? `exit code ${code}`})`),
      );
    });
    this.child = child;
    this.options.onEvent?.('started', { pid: child.pid });
    return child;
  }

  private receive(child: ChildProcess, message: FromCompute): void {
    const running = this.running;
    if (message.type === 'ready' || running === undefined || running.id !== message.id || child !== this.child) return;
    if (message.type === 'progress') {
      running.onProgress({
        fraction: message.fraction,
        ...(message.note === undefined ? {} : { note: message.note }),
      });
      return;
    }
    if (message.type === 'done') running.resolve(message.output);
    else running.reject(deserializeError(message.error));
    if (message.rssBytes > this.options.recycleAboveBytes) {
      this.options.onEvent?.('recycled', { pid: child.pid, rssBytes: message.rssBytes });
      void this.stop();
    }
  }

  private cancel(id: number, child: ChildProcess): void {
    this.send(child, { type: 'cancel', id });
    const timer = setTimeout(() => {
      if (this.running?.id === id) child.kill('SIGKILL');
    }, this.options.graceMs ?? 1000);
    timer.unref();
  }

  private lost(child: ChildProcess, error: unknown): void {
    if (this.child === child) this.child = undefined;
    const running = this.running;
    if (running !== undefined && this.child === undefined) running.reject(error);
  }

  private send(child: ChildProcess, message: ToCompute): void {
    child.send(message, (error) => {
      if (error)
        this.lost(child, new EngramError('ENG_DEVICE_LOST', 'the compute process cannot be reached', { cause: error }));
    });
  }

  private async stop(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  }
}

/** What a task that was stopped on request ends with. */
export function cancelled(): EngramError {
  return new EngramError('ENG_AUDIT_CANCELLED', 'the audit was cancelled');
}
