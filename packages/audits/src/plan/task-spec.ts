import type { Json, TaskInput, TaskKind, TaskSpec } from '@engram/domain';
import { digestOf } from '@engram/numeric';

/** Raised when a kind's code computes something else from the same inputs: old outputs are then not reused. */
const taskVersions: Readonly<Record<TaskKind, number>> = {
  'collect-signals': 3,
  'collect-token-signals': 1,
  'measure-target': 2,
  'train-reference': 1,
  'collect-reference-signals': 2,
  'train-recorded': 2,
  'probe-unlearning': 1,
  'train-label-noise': 2,
  'score-blind-baseline': 4,
  'score-attack': 4,
  'score-membership': 8,
  'score-extraction': 1,
  'score-exposure': 1,
  'estimate-difficulty': 1,
  'score-label-memorization': 3,
  'bound-privacy': 2,
  'estimate-memorization': 3,
  'score-consistency': 1,
  'train-without-exposed': 2,
  'find-near-duplicates': 1,
  'write-report': 3,
};

/** Kinds that run tensors, so need the device; the others are arithmetic on arrays. */
const onDevice: ReadonlySet<TaskKind> = new Set([
  'collect-signals',
  'collect-token-signals',
  'measure-target',
  'train-reference',
  'collect-reference-signals',
  'train-recorded',
  'probe-unlearning',
  'train-label-noise',
  'train-without-exposed',
  'score-exposure',
]);

export interface TaskDraft {
  readonly kind: TaskKind;
  readonly inputs: Readonly<Record<string, TaskInput>>;
  readonly params: { readonly [name: string]: Json };
  readonly seed: number;
  readonly units: number;
}

/** Completes a task with its version, its resource and the key that names its output. */
export function makeTask(draft: TaskDraft): TaskSpec {
  const version = taskVersions[draft.kind];
  const { kind, inputs, params, seed } = draft;
  const key = digestOf({ kind, version, inputs: inputs as unknown as Json, params, seed });
  return { ...draft, key, version, resource: onDevice.has(kind) ? 'compute' : 'light' };
}
