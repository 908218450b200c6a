import { nearRows } from '@engram/datasets';
import type { TaskSpec } from '@engram/domain';
import { numbersOf, openAuditRows, vector } from './audit-rows.js';
import type { TaskContext, TaskResult } from './context.js';

/**
 * Which non-members are near-duplicates of members, by their inputs. Leaves `column.nearMember` (1 = it is, 0 = it is not,
 * NaN for members, samples set aside and non-members that were not compared), and `count` and `judged` non-members.
 */
export async function findNearDuplicates(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  // Those set aside are on neither side.
  const side = rows.membership.map((member, row) => (rows.calibration[row] === 1 ? 2 : member));
  const found = nearRows(await numbersOf(rows, 'input'), side, {
    seed: task.seed,
    onProgress: (fraction) => {
      context.signal.throwIfAborted();
      context.progress(fraction, 'near-duplicates');
    },
  });
  const column = new Float64Array(rows.count).fill(Number.NaN);
  for (const row of found.judged) column[row] = 0;
  for (const row of found.rows) column[row] = 1;
  const [count, judged] = [found.rows.length, found.judged.length];
  return {
    bundle: { arrays: { 'column.nearMember': vector(column) }, meta: { count, judged, radius: found.radius } },
    facts: { count, judged },
  };
}
