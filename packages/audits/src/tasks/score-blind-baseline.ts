import type { Gate } from '@engram/contract';
import { crossDuplicates, repeatedRows } from '@engram/datasets';
import type { Bundle, Json, OpenDataset, TaskSpec } from '@engram/domain';
import { type BlindLook, blindGateOf } from '../membership/gates/blind-gate.js';
import { sharedSamplesGate } from '../membership/gates/shared-samples-gate.js';
import { openAuditRows, vector } from './audit-rows.js';
import { param, type TaskContext, type TaskResult } from './context.js';

/** Samples that are on both sides: no attack can tell these apart. */
export interface SharedSamples {
  /** Non-members equal to a member. */
  readonly exact: number;
  /** Texts only: non-members most of whose 13-word runs occur among the members, the equal ones included. */
  readonly near: number | null;
  /** Samples set aside to calibrate on that equal a judged one. */
  readonly calibration: number;
}

/** What `score-blind-baseline` leaves. */
export interface BlindBaseline extends BlindLook {
  /** Whether too many non-members equal a member. */
  readonly sharedGate: Gate;
  /** Null when the data do not show samples. */
  readonly shared: SharedSamples | null;
  /** (judged) for each sample the first one equal to it; null when the data do not show samples. */
  readonly firstLike: Int32Array | null;
}

/**
 * Compares members and non-members without asking any model: whether a classifier tells them apart, how many samples are on
 * both sides, and how many of those set aside are judged as well. Leaves of each sample what slices need (`outliers`, `firstLike`), `rows` and `scores` of the gate where
 * it ran, the gates and what they rest on.
 */
export async function scoreBlindBaseline(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const confidence = param<number>(task, 'confidence');
  const datasets = rows.parts.map(({ dataset }) => dataset);
  const judged = datasets.filter((_, i) => rows.parts[i]!.start < rows.judged);
  // Without what samples set aside show, the judged ones can still be compared with each other.
  const firstOfAll = (await repeatedRows(datasets)) ?? (await repeatedRows(judged));
  const firstLike = firstOfAll?.subarray(0, rows.judged) ?? null;
  const sharing = sharedSamplesGate(firstLike, rows.membership.subarray(0, rows.judged), confidence);
  const near = await nearlyShared(judged);
  context.progress(0.1, 'blind baseline');
  const { gate, scored, evidence, outliers } = await blindGateOf(rows, task.seed, confidence);
  const calibration = firstOfAll?.subarray(rows.judged).filter((first) => first < rows.judged).length ?? 0;
  const shared: SharedSamples | null = sharing.shared === null ? null : { exact: sharing.shared, near, calibration };
  return {
    bundle: {
      arrays: {
        ...(scored === null ? {} : { rows: vector(scored.rows), scores: vector(scored.scores) }),
        ...(outliers === null ? {} : { outliers: vector(outliers) }),
        ...(firstLike === null ? {} : { firstLike: vector(firstLike) }),
      },
      meta: {
        gate: gate as unknown as Json,
        sharedGate: sharing.gate as unknown as Json,
        shared: shared as unknown as Json,
        evidence: evidence as unknown as Json,
      },
    },
    facts: { outcome: gate.outcome },
  };
}

export function readBlindBaseline({ arrays, meta }: Bundle): BlindBaseline {
  return {
    gate: meta.gate as unknown as BlindBaseline['gate'],
    sharedGate: meta.sharedGate as unknown as BlindBaseline['gate'],
    scored:
      arrays.rows === undefined
        ? null
        : { rows: arrays.rows.data as Int32Array, scores: arrays.scores.data as Float64Array },
    shared: meta.shared as unknown as SharedSamples | null,
    evidence: meta.evidence as unknown as BlindBaseline['evidence'],
    outliers: (arrays.outliers?.data as Float64Array | undefined) ?? null,
    firstLike: (arrays.firstLike?.data as Int32Array | undefined) ?? null,
  };
}

/** Texts of the second dataset most of whose runs of words are in the first; null for anything but two sets of texts. */
async function nearlyShared([members, nonMembers]: readonly OpenDataset[]): Promise<number | null> {
  if (nonMembers === undefined || !members.has('text') || !nonMembers.has('text')) return null;
  if (members.has('input') && nonMembers.has('input')) return null;
  const { near } = await crossDuplicates(members, nonMembers);
  return near?.count ?? null;
}
