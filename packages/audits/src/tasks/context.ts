import type { ArtifactStore, Bundle, Json, TaskSpec } from '@engram/domain';
import { EngramError } from '@engram/domain';
import type { Engine } from '@engram/engine';
import type { OnnxRuntime } from '@engram/models';
import { decodeBundle } from '@engram/numeric';

/** What the report says of where its numbers come from. */
export interface Environment {
  readonly versions: Readonly<Record<string, string>>;
  readonly hardware: { readonly [name: string]: Json };
}

/** What a running task may touch. Everything else it needs is in its spec. */
export interface TaskContext {
  readonly project: string;
  readonly store: ArtifactStore;
  /** Aborted when the audit is cancelled: long loops look at it between steps. */
  readonly signal: AbortSignal;
  /** Fraction of the task done, 0 to 1, with a word on what is going on. */
  readonly progress: (fraction: number, note?: string) => void;
  /** Digest of each input's artifact, by input name. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly environment: Environment;
  /** The engine of this process, opened at first use. */
  readonly engine: () => Promise<Engine>;
  /** ONNX Runtime, loaded at first use. */
  readonly onnx: () => Promise<OnnxRuntime>;
  /** 1 for the first try; higher after the device ran out of memory, so that batches can shrink. */
  readonly attempt: number;
}

/** What a task leaves: one bundle, and small facts for whoever lists tasks. */
export interface TaskResult {
  readonly bundle: Bundle;
  readonly facts: { readonly [name: string]: Json };
}

export function inputDigest(context: TaskContext, name: string): string {
  const digest = context.inputs[name];
  if (digest === undefined) throw new EngramError('ENG_INTERNAL', `the task has no input ${name}`);
  return digest;
}

/** The bundle another task left. */
export async function readBundle(context: TaskContext, name: string): Promise<Bundle> {
  return decodeBundle(await context.store.read(context.project, inputDigest(context, name)), name);
}

/** A JSON document stored by planning. */
export async function readDocument<T>(context: TaskContext, name: string): Promise<T> {
  const bytes = await context.store.read(context.project, inputDigest(context, name));
  return JSON.parse(new TextDecoder().decode(bytes)) as T;
}

/** A parameter of the task, as planning wrote it. */
export function param<T>(task: TaskSpec, name: string): T {
  const value = task.params[name];
  if (value === undefined) throw new EngramError('ENG_INTERNAL', `the task ${task.kind} has no parameter ${name}`);
  return value as T;
}
