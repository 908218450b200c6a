import { parseAttackRequest } from '@engram/attacks';
import { asEngramError, type EngramError, type Json, type TaskSpec } from '@engram/domain';
import type { ChosenAttack } from '../decisions.js';
import { leakOfMasks } from '../membership/leaking-masks.js';
import { type RawScores, scoreWithControl } from '../membership/score-with-control.js';
import { openAuditRows, vector } from './audit-rows.js';
import { param, readBundle, type TaskContext, type TaskResult } from './context.js';
import { readSignals } from './membership-signals.js';

const columnPrefix = 'column.';

/**
 * Scores every row by one attack, and again with a reference model in the target's place. A task of its own for each
 * attack, so that one more attack costs itself alone. Leaves `scores` (n), `column.<name>` (n) for what the attack shows
 * beside them, and `control` (judged) where there is one; or, when the attack cannot be run on these signals, why.
 */
export async function scoreAttack(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const collected = await readBundle(context, 'signals');
  const { attack: id, params } = param<ChosenAttack>(task, 'attack');
  const attack = parseAttackRequest({ attack: id, ...params });
  const { signals, references } = await readSignals(context, rows, collected, [attack]);
  const membership = rows.membership.subarray(0, rows.judged);
  try {
    const { scores, columns, control } = scoreWithControl(attack, {
      signals,
      membership,
      clippedShare: Number(collected.meta.clippedShare ?? 0),
      referenceClippedShare: Number(collected.meta.referenceClippedShare ?? 0),
      leak: references === null ? null : leakOfMasks(references.signals, membership),
      confidence: param<number>(task, 'confidence'),
      seed: task.seed,
    });
    return {
      bundle: {
        arrays: {
          scores: vector(scores),
          ...Object.fromEntries(Object.entries(columns).map(([name, values]) => [columnPrefix + name, vector(values)])),
          ...(control.scores === null ? {} : { control: vector(control.scores) }),
        },
        meta: { control: control.auc as unknown as Json },
      },
      facts: { attack: attack.scoreId },
    };
  } catch (error) {
    const known = asEngramError(error);
    if (known.family !== 'notApplicable') throw error;
    const skipped = { attack: attack.scoreId, code: known.code, reason: reasonOf(known) };
    return { bundle: { arrays: {}, meta: { skipped } }, facts: { attack: attack.scoreId, skipped: known.code } };
  }
}

function reasonOf({ message, remedy }: EngramError): string {
  return remedy === undefined ? message : `${message}. ${remedy}`;
}

/** Why an attack was not run. */
export interface SkippedAttack {
  readonly attack: string;
  readonly code: string;
  readonly reason: string;
}

/** What `score-attack` left under the name of an input. */
export async function readScores(context: TaskContext, input: string): Promise<RawScores | SkippedAttack> {
  const { arrays, meta } = await readBundle(context, input);
  if (meta.skipped !== undefined) return meta.skipped as unknown as SkippedAttack;
  return {
    scores: arrays.scores.data as Float64Array,
    columns: Object.fromEntries(
      Object.entries(arrays)
        .filter(([name]) => name.startsWith(columnPrefix))
        .map(([name, { data }]) => [name.slice(columnPrefix.length), data as Float64Array]),
    ),
    control: {
      auc: meta.control as unknown as RawScores['control']['auc'],
      scores: (arrays.control?.data as Float64Array | undefined) ?? null,
    },
  };
}
