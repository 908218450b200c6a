import { type DifficultySignals, describeBins, parseEstimatorRequest, rankBins } from '@engram/attacks';
import type { DifficultyReport } from '@engram/contract';
import type { Bundle, Json, NdArray, Recipe, TaskSpec } from '@engram/domain';
import type { ChosenAttack, DifficultyDecisions } from '../decisions.js';
import { openAuditRows } from './audit-rows.js';
import { param, readBundle, type TaskContext, type TaskResult } from './context.js';

type EstimatorSection = DifficultyReport['estimators'][number];

const listed = 20;

/**
 * Difficulty of every member by each estimator, from what was recorded of training. Leaves `column.difficulty.<id>`
 * over all judged rows (NaN for non-members), the estimators' part of the report, and the hardest and easiest records.
 */
export async function estimateDifficulty(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const rows = await openAuditRows(context);
  const recorded = await readBundle(context, 'recorded');
  const source = param<DifficultyDecisions['source']>(task, 'source');
  const members = recorded.arrays.members.data;
  const signals = difficultySignals(recorded, members.length, param<Recipe>(task, 'recipe'));
  const arrays: Record<string, NdArray> = {};
  const sections: EstimatorSection[] = [];
  let primary: { scoreId: string; difficulty: Float64Array } | undefined;
  for (const chosen of param<ChosenAttack[]>(task, 'estimators')) {
    const planned = parseEstimatorRequest({ estimator: chosen.attack, ...chosen.params });
    const { difficulty, kind, settings, notes } = planned.estimate(signals);
    const column = new Float64Array(rows.count).fill(Number.NaN);
    members.forEach((row, i) => {
      column[row] = difficulty[i];
    });
    arrays[`column.difficulty.${planned.scoreId}`] = { data: column, shape: [rows.count] };
    sections.push({
      estimator: planned.scoreId,
      kind,
      source: kind === 'weak' ? 'finalModel' : source,
      settings: { ...settings } as EstimatorSection['settings'],
      bins: binsOf(difficulty),
      notes: [...notes],
    });
    primary ??= { scoreId: planned.scoreId, difficulty };
  }
  const ids = (await Promise.all(rows.parts.map((part) => part.dataset.ids()))).flat();
  const order = [...primary!.difficulty.keys()].sort((a, b) => primary!.difficulty[b] - primary!.difficulty[a]);
  const list = (places: readonly number[]) =>
    places.map((i) => ({ sampleId: ids[members[i]], difficulty: primary!.difficulty[i] }));
  return {
    bundle: {
      arrays,
      meta: {
        primary: primary!.scoreId,
        estimators: sections as unknown as Json,
        hardest: list(order.slice(0, listed)) as unknown as Json,
        easiest: list(order.slice(-listed).reverse()) as unknown as Json,
        source,
      },
    },
    facts: { members: members.length },
  };
}

function difficultySignals(recorded: Bundle, n: number, recipe: Recipe): DifficultySignals {
  const floats = (name: string) => recorded.arrays[name].data as Float64Array;
  const steps = floats('step');
  return {
    samples: n,
    trajectory: {
      steps,
      totalSteps: Number(recorded.meta.steps),
      represents: floats('represents'),
      batchSize: Math.min(n, recipe.batchSize),
      trainingSize: n,
      learningRates: floats('learningRate'),
      loss: floats('loss'),
      gradientNorm: floats('gradientNorm'),
      el2n: floats('el2n'),
      correct: floats('correct'),
    },
    finalModel: {
      loss: floats('final.loss'),
      gradientNorm: floats('final.gradientNorm'),
      el2n: floats('final.el2n'),
    },
  };
}

/** Five bins of equal size along the rank: where each lies and how wide it is (10th to 90th percentile). */
function binsOf(difficulty: Float64Array): EstimatorSection['bins'] {
  return describeBins(difficulty, rankBins(difficulty)).map((bin) => ({ ...bin, bin: bin.bin + 1 }));
}
