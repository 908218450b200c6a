import { crossDuplicates } from '@engram/datasets';
import type { Bundle, Json, TaskSpec } from '@engram/domain';
import { type BlindGate, blindGateOf } from '../membership/blind-gate.js';
import { type AuditRows, openAuditRows } from './audit-rows.js';
import { param, type TaskContext, type TaskResult } from './context.js';

/** Samples that are on both sides: no attack can tell these apart. */
export interface SharedSamples {
  /** Non-members equal to a member. */
  readonly exact: number;
  /** Texts only: non-members most of whose 13-word runs occur among the members, the equal ones included. */
  readonly near: number | null;
}

/** What `score-blind-baseline` leaves. */
export interface BlindBaseline extends BlindGate {
  /** Null when the data cannot show it: one audit set, or outputs only. */
  readonly shared: SharedSamples | null;
}

/**
 * Compares members and non-members without asking any model: whether a classifier tells them apart, and how many samples
 * are on both sides. Leaves `rows` and `scores` of the gate where it ran, `gate` and `shared`.
 */
export async function scoreBlindBaseline(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const shared = await sharedSamples(rows);
  context.progress(0.1, 'blind baseline');
  const { gate, scored } = await blindGateOf(rows, task.seed, param<number>(task, 'confidence'));
  return {
    bundle: {
      arrays:
        scored === null
          ? {}
          : {
              rows: { data: scored.rows, shape: [scored.rows.length] },
              scores: { data: scored.scores, shape: [scored.rows.length] },
            },
      meta: { gate: gate as unknown as Json, shared: shared as unknown as Json },
    },
    facts: { outcome: gate.outcome },
  };
}

export function readBlindBaseline({ arrays, meta }: Bundle): BlindBaseline {
  return {
    gate: meta.gate as unknown as BlindBaseline['gate'],
    scored:
      arrays.rows === undefined
        ? null
        : { rows: arrays.rows.data as Int32Array, scores: arrays.scores.data as Float64Array },
    shared: meta.shared as unknown as SharedSamples | null,
  };
}

async function sharedSamples(rows: AuditRows): Promise<SharedSamples | null> {
  const [members, nonMembers] = rows.parts;
  if (nonMembers === undefined) return null;
  const comparable = (['input', 'text'] as const).some(
    (field) => members.dataset.has(field) && nonMembers.dataset.has(field),
  );
  if (!comparable) return null;
  const { exact, near } = await crossDuplicates(members.dataset, nonMembers.dataset);
  return { exact, near: near?.count ?? null };
}
