import type { Json, TaskInput } from '@engram/domain';
import type { MemorizationDecisions, SubsetSize } from '../decisions.js';
import { describeArchitecture } from '../resources.js';
import { classifiersPerTask, modelGroups } from './bank-size.js';
import { type Layout, numbered, type TaskInputs } from './layout.js';
import { planReferences, planSubsetModels, subsetParam } from './plan-references.js';

/** Reads the bank that membership trains, or one like it: after a membership audit nothing is trained anew. */
export function planMemorization(layout: Layout, decisions: MemorizationDecisions, signals: TaskInput): TaskInputs {
  const { consistency, ...estimated } = decisions;
  const { models, from, subsetFraction, onion } = estimated;
  const bank = planReferences(layout, {
    referenceModels: from === 'trained' ? models : 0,
    givenReferences: from === 'given' ? 'field' : null,
    subsetFraction,
  });
  const memorization = layout.add({
    kind: 'estimate-memorization',
    inputs: { ...layout.datasetInputs, signals, ...numbered('reference', bank) },
    params: {
      decisions: estimated as unknown as Json,
      recipe: layout.decisions.recipe as unknown as Json,
      confidence: layout.audit.request.confidence,
    },
    seed: 0,
    units: (layout.asked * models) / 1000,
  });
  return {
    memorization,
    ...(consistency === null ? {} : { consistency: planConsistency(layout, consistency, bank) }),
    ...(onion === null ? {} : planOnion(layout, memorization, onion, subsetFraction)),
  };
}

/** Models on subsets of several sizes; those of the bank's own size are the bank. */
function planConsistency(layout: Layout, sizes: readonly SubsetSize[], bank: readonly TaskInput[]): TaskInput {
  const groups = sizes.map((size, i) => numbered(`size.${i}`, size.isBank ? bank : planSubsetModels(layout, size)));
  return layout.add({
    kind: 'score-consistency',
    inputs: Object.assign({ ...layout.rowInputs }, ...groups),
    params: { sizes: sizes as unknown as Json, confidence: layout.audit.request.confidence },
    seed: 0,
    units: sizes.reduce((sum, { models }) => sum + layout.rows * models, 0) / 1000,
  });
}

/** Two arms, without the exposed and without random members: models on subsets of what is left, and on all of it. */
function planOnion(
  layout: Layout,
  memorization: TaskInput,
  { removeFraction, models, retrainSeeds }: NonNullable<MemorizationDecisions['onion']>,
  subsetFraction: number,
): TaskInputs {
  const { recipe } = layout.decisions.recipe!;
  const { model } = layout.audit;
  const architecture = layout.document(describeArchitecture(model!));
  const tasks: Record<string, TaskInput> = {};
  for (const arm of ['exposed', 'random'] as const) {
    const train = (from: number, count: number, whole: boolean) =>
      layout.add({
        kind: 'train-without-exposed',
        inputs: { architecture, ...layout.rowInputs, memorization },
        params: {
          recipe: recipe as unknown as Json,
          arm,
          whole,
          from,
          count,
          removeFraction,
          ...(whole ? {} : subsetParam(subsetFraction)),
        },
        seed: layout.seed('onion'),
        units: count * layout.rows * (whole ? 1 : subsetFraction) * recipe.epochs * layout.passCost(),
      });
    for (const { from, count } of modelGroups(models, classifiersPerTask(model!.inspected.parameterCount)))
      tasks[`onion.${arm}.${String(from).padStart(3, '0')}`] = train(from, count, false);
    tasks[`onion.${arm}.whole`] = train(0, retrainSeeds, true);
  }
  return { ...tasks, nearDuplicates: planNearDuplicates(layout) };
}

/** What a removal costs on the non-members says nothing where these repeat members. */
function planNearDuplicates(layout: Layout): TaskInput {
  const { members, nonMembers } = layout.audit;
  return layout.add({
    kind: 'find-near-duplicates',
    inputs: layout.rowInputs,
    params: {},
    seed: layout.seed('near-duplicates'),
    units: (members * nonMembers) / 1e6,
  });
}
