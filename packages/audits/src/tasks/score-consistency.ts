import { cScores, heldOutAccuracies, type ReferenceValues } from '@engram/attacks';
import type { CScoreReport } from '@engram/contract';
import type { Json, TaskSpec } from '@engram/domain';
import type { SubsetSize } from '../decisions.js';
import { meanInterval } from '../difficulty/mean-interval.js';
import { joinGroups } from '../memorization/bank.js';
import { openAuditRows, vector } from './audit-rows.js';
import { param, readBundle, type TaskContext, type TaskResult } from './context.js';

/**
 * How often models trained on subsets of several sizes get right what they did not train on. Leaves `column.cScore` and
 * `column.cScoreSe` over all rows, and the section `section` of the report.
 */
export async function scoreConsistency(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const confidence = param<number>(task, 'confidence');
  const sizes = param<SubsetSize[]>(task, 'sizes');
  const banks: ReferenceValues[] = [];
  for (const [i] of sizes.entries()) {
    context.signal.throwIfAborted();
    context.progress(i / sizes.length, `${sizes.length} sizes`);
    banks.push(await readSize(context, i));
  }
  const { scores, standardErrors } = cScores(banks);
  const known = scores.subarray(0, rows.judged).filter((score) => !Number.isNaN(score));
  const section: CScoreReport = {
    mean: meanInterval(known, confidence),
    unscored: rows.judged - known.length,
    sizes: sizes.map(({ subsetFraction, isBank }, i) => {
      const { models, trainedOn } = banks[i];
      return {
        subsetFraction,
        trainingSize: Math.round(trainedOn.reduce((sum, mark) => sum + mark, 0) / models),
        models,
        isBank,
        heldOutAccuracy: meanInterval(heldOutAccuracies(banks[i]), confidence),
      };
    }),
  };
  return {
    bundle: {
      arrays: { 'column.cScore': vector(scores), 'column.cScoreSe': vector(standardErrors) },
      meta: { section: section as unknown as Json },
    },
    facts: { sizes: sizes.length, unscored: section.unscored },
  };
}

/** Right or wrong by every model of one size. */
async function readSize(context: TaskContext, size: number): Promise<ReferenceValues> {
  const names = Object.keys(context.inputs).filter((name) => name.startsWith(`size.${size}.`));
  const groups = await Promise.all(names.sort().map((name) => readBundle(context, name)));
  const { models, trainedOn, correct } = joinGroups(
    groups.map(({ arrays: { trainedOn, loss, correct }, meta }) => ({ arrays: { trainedOn, loss, correct }, meta })),
  );
  return { models, trainedOn, values: correct! };
}
