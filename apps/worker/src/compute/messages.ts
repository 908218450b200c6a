import type { Json, SerializedError, TaskOutput, TaskSpec } from '@engram/domain';

/** What the worker asks of its compute process: one task at a time. */
export type ToCompute =
  | {
      readonly type: 'run';
      readonly id: number;
      readonly project: string;
      readonly task: TaskSpec;
      readonly inputs: TaskInputs;
      readonly attempt: number;
    }
  | { readonly type: 'cancel'; readonly id: number };

/** Digest of each input's artifact, by input name. */
export type TaskInputs = Readonly<Record<string, string>>;

/** What the compute process tells its worker. */
export type FromCompute =
  | { readonly type: 'ready'; readonly rssBytes: number }
  | { readonly type: 'progress'; readonly id: number; readonly fraction: number; readonly note?: string }
  | { readonly type: 'done'; readonly id: number; readonly output: TaskOutput; readonly rssBytes: number }
  | { readonly type: 'failed'; readonly id: number; readonly error: SerializedError; readonly rssBytes: number };

/** How a compute process is started; passed as one JSON argument so that it reads no environment of its own. */
export interface ComputeSettings {
  readonly artifactsRoot: string;
  readonly device: 'auto' | 'cpu' | 'cuda';
  readonly engineMode: 'auto' | 'eager' | 'recorded' | 'xla';
  readonly threads: number | null;
  readonly scratchDir: string;
  readonly facts: { readonly [name: string]: Json };
}
