import type { Json } from './arrays.js';
import type { Digest } from './artifacts.js';

/** The kinds of work an audit is made of. Each is a pure function of content-addressed inputs. */
export const taskKinds = [
  'collect-signals',
  'collect-token-signals',
  'measure-target',
  'train-reference',
  'collect-reference-signals',
  'train-recorded',
  'probe-unlearning',
  'train-label-noise',
  'score-blind-baseline',
  'score-attack',
  'score-membership',
  'score-extraction',
  'score-exposure',
  'estimate-difficulty',
  'score-label-memorization',
  'bound-privacy',
  'estimate-memorization',
  'score-consistency',
  'train-without-exposed',
  'find-near-duplicates',
  'write-report',
] as const;

export type TaskKind = (typeof taskKinds)[number];

/** Digest of everything that determines a task's output. */
export type TaskKey = string;

export type TaskInput = { readonly artifact: Digest } | { readonly task: TaskKey };

/** One unit of queued work. */
export interface TaskSpec {
  readonly key: TaskKey;
  readonly kind: TaskKind;
  /** Raised when the code computes something else from the same inputs. */
  readonly version: number;
  readonly inputs: Readonly<Record<string, TaskInput>>;
  readonly params: { readonly [name: string]: Json };
  readonly seed: number;
  /** Size of the work in units of its kind (samples scored, sample-epochs trained …): estimates scale with it. */
  readonly units: number;
  /** `compute` runs in the child process that owns the device. */
  readonly resource: 'compute' | 'light';
}

/** A graph of tasks; the last one writes the report. */
export interface Plan {
  readonly tasks: readonly TaskSpec[];
  readonly root: TaskKey;
}

export interface TaskProgress {
  /** Fraction of the task done, 0 to 1. */
  readonly fraction: number;
  readonly note?: string;
}
