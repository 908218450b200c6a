import type { LabelMemorizationReport } from '@engram/contract';
import type { Json, NdArray, TaskSpec } from '@engram/domain';
import type { ChosenRecipe } from '../decisions.js';
import { earlyLearningSection } from '../label-memorization/early-learning-section.js';
import { labelMemorizationFindings } from '../label-memorization/findings.js';
import { labelReview, type ReviewedSamples } from '../label-memorization/label-review.js';
import { noisyLabelDetection } from '../label-memorization/noisy-label-detection.js';
import { randomLabelCapacity } from '../label-memorization/random-label-capacity.js';
import { labelMemorizationLimits, stateLabelMemorization } from '../label-memorization/words.js';
import { type AuditRows, openAuditRows } from './audit-rows.js';
import { param, readBundle, type TaskContext, type TaskResult } from './context.js';

/**
 * The section on label memorization from what models taught changed labels did. Leaves the section, its findings and
 * `column.labelSuspicion` over all rows: the score that finds flipped labels best, higher = more suspect, NaN for
 * non-members; a sample never learned stands one above the largest.
 */
export async function scoreLabelMemorization(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const optional = async (name: string) => (context.inputs[name] === undefined ? null : readBundle(context, name));
  const [random, noisy] = await Promise.all([optional('randomLabels'), optional('noisyLabels')]);
  const confidence = param<number>(task, 'confidence');
  const chosen = param<ChosenRecipe>(task, 'recipe');
  const { members, nonMembers, classes } = (random ?? noisy)!.meta;
  const count = Math.max(1, Math.round(param<number>(task, 'reviewShare') * Number(members)));
  const detection = noisy === null ? null : noisyLabelDetection(noisy, count, { confidence, seed: task.seed });
  const arrays: Record<string, NdArray> = {};
  let review: LabelMemorizationReport['review'] = null;
  if (noisy !== null && detection !== null) {
    const places = noisy.arrays.members.data as Int32Array;
    const found = labelReview(noisy, await named(rows, places), {
      score: detection.best,
      share: param<number>(task, 'reviewShare'),
      count,
    });
    review = found.review;
    arrays['column.labelSuspicion'] = columnOf(rows, places, found.suspicion);
  }
  const found = {
    randomLabels: random === null ? null : randomLabelCapacity(random, confidence),
    noisyLabels: detection,
    review,
    earlyLearning:
      noisy === null || !param<boolean>(task, 'earlyLearning') ? null : earlyLearningSection(noisy, confidence),
  };
  const section: LabelMemorizationReport = {
    statement: stateLabelMemorization(found),
    members: Number(members),
    nonMembers: Number(nonMembers),
    classes: Number(classes),
    recipe: chosen.recipe as unknown as LabelMemorizationReport['recipe'],
    recipeFrom: chosen.from,
    ...found,
    limits: labelMemorizationLimits({ ...found, recipeFrom: chosen.from }),
  };
  return {
    bundle: {
      arrays,
      meta: {
        section: section as unknown as Json,
        findings: labelMemorizationFindings(found) as unknown as Json,
      },
    },
    facts: { members },
  };
}

async function named(rows: AuditRows, places: Int32Array): Promise<ReviewedSamples> {
  const ids = (await Promise.all(rows.parts.map(({ dataset }) => dataset.ids()))).flat();
  const partOf = (row: number) => rows.parts.find(({ start, count }) => row < start + count)!;
  return {
    ids: Array.from(places, (row) => ids[row]),
    datasets: Array.from(places, (row) => partOf(row).role),
  };
}

function columnOf(rows: AuditRows, places: Int32Array, suspicion: Float64Array): NdArray {
  const column = new Float64Array(rows.count).fill(Number.NaN);
  let largest = 0;
  for (const score of suspicion) if (score < Infinity && score > largest) largest = score;
  places.forEach((row, i) => {
    column[row] = suspicion[i] === Infinity ? largest + 1 : suspicion[i];
  });
  return { data: column, shape: [rows.count] };
}
