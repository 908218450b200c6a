import type { Json, TaskInput } from '@engram/domain';
import type { MembershipDecisions } from '../decisions.js';
import { describeArchitecture, describeModel } from '../resources.js';
import { classifiersPerTask, modelGroups } from './bank-size.js';
import { type Layout, numbered, type TaskInputs } from './layout.js';

/** Reference models an attack or another test reads. */
interface WantedReferences extends Pick<MembershipDecisions, 'referenceModels' | 'givenReferences'> {
  readonly subsetFraction?: number;
}

/** Tasks that leave signals of reference models: of those given, each by itself, or of groups trained for this audit. */
export function planReferences(
  layout: Layout,
  { referenceModels, givenReferences, subsetFraction }: WantedReferences,
): TaskInput[] {
  if (givenReferences !== null) return planGivenReferences(layout, givenReferences);
  const { model, target } = layout.audit;
  if (model === undefined || referenceModels === 0) return [];
  if (target === 'languageModel')
    return modelGroups(referenceModels, 1).map((group) =>
      trainReferences(layout, group, { ...layout.targetInputs, ...layout.datasetInputs }),
    );
  return trainAndAsk(layout, referenceModels, subsetFraction, {});
}

/**
 * Models trained on subsets of one size of which only what they get right among the rows is read: they are asked about
 * these as they are. The first of them are those of any other bank of this size.
 */
export function planSubsetModels(
  layout: Layout,
  { models, subsetFraction }: { readonly models: number; readonly subsetFraction: number },
): TaskInput[] {
  return trainAndAsk(layout, models, subsetFraction, {
    samples: layout.rowInputs,
    count: layout.rows,
    queries: 1,
    lossesUnder: {},
  });
}

function trainAndAsk(
  layout: Layout,
  models: number,
  subsetFraction: number | undefined,
  question: Partial<Question>,
): TaskInput[] {
  const { architecture, groups } = trainGroups(layout, models, subsetFraction);
  return groups.map(({ weights, count }) => askModels(layout, architecture, weights, count, question));
}

function trainGroups(layout: Layout, models: number, subsetFraction?: number) {
  const model = layout.audit.model!;
  const architecture = layout.document(describeArchitecture(model));
  const groups = modelGroups(models, classifiersPerTask(model.inspected.parameterCount)).map((group) => ({
    ...group,
    weights: trainReferences(layout, group, { architecture, ...layout.rowInputs }, subsetFraction),
  }));
  return { architecture, groups };
}

/**
 * Reference models themselves rather than what they say, for a question that goes through them: of a bank trained here the
 * groups that hold the first `2 * unseen` models, of which `unseen` did not train on any one sample; of models given the
 * first `unseen` where none trained on any, else all.
 *
 * @returns `architecture` and `weights.NNN`, or `given.NNN`.
 */
export function planReferenceWeights(
  layout: Layout,
  { referenceModels, givenReferences }: WantedReferences,
  unseen: number,
): TaskInputs {
  if (givenReferences !== null) {
    const used = givenReferences === 'none' ? layout.audit.references.slice(0, unseen) : layout.audit.references;
    return numbered(
      'given',
      used.map((reference) => layout.document(describeModel(reference))),
    );
  }
  const { architecture, groups } = trainGroups(layout, referenceModels);
  const first = groups.filter(({ from }) => from < 2 * unseen).map(({ weights }) => weights);
  return { architecture, ...numbered('weights', first) };
}

/** What models are asked about. */
interface Question {
  readonly samples: TaskInputs;
  /** Of samples. */
  readonly count: number;
  /** Augmented forms of each. */
  readonly queries: number;
  readonly lossesUnder: Layout['lossesUnder'];
}

/**
 * Reference models to train in one task. A model's mask and seed depend on its number alone, and a classifier's training
 * on nothing that is only asked of it later: other attacks, queries or populations train nothing.
 */
function trainReferences(
  layout: Layout,
  { from, count }: { readonly from: number; readonly count: number },
  inputs: TaskInputs,
  subsetFraction = 0.5,
): TaskInput {
  const { recipe } = layout.decisions.recipe!;
  return layout.add({
    kind: 'train-reference',
    inputs,
    params: { recipe: recipe as unknown as Json, from, count, ...subsetParam(subsetFraction) },
    seed: layout.seed('reference-models'),
    units: count * layout.rows * subsetFraction * recipe.epochs * layout.passCost(),
  });
}

/** What a group of models trained here says of every sample, unless others are named. */
export function askModels(
  layout: Layout,
  architecture: TaskInput,
  weights: TaskInput,
  models: number,
  {
    samples = layout.datasetInputs,
    count = layout.asked,
    queries = layout.queries,
    lossesUnder = layout.lossesUnder,
  }: Partial<Question> = {},
): TaskInput {
  return layout.add({
    kind: 'collect-reference-signals',
    inputs: { architecture, ...samples, weights },
    params: { queries, ...lossesUnder },
    seed: 0,
    units: models * count * queries * layout.passCost(),
  });
}

function planGivenReferences(layout: Layout, trainedOn: 'none' | 'field'): TaskInput[] {
  return layout.audit.references.map((reference, number) =>
    layout.add({
      kind: 'collect-reference-signals',
      inputs: { model: layout.document(describeModel(reference)), ...layout.datasetInputs },
      params: {
        queries: layout.queries,
        ...layout.lossesUnder,
        trainedOn,
        ...(trainedOn === 'field' ? { number } : {}),
      },
      seed: 0,
      units: layout.asked * layout.queries * layout.passCost(reference),
    }),
  );
}

/** Halves are what is trained on unless said otherwise, so that tests that want halves share their models. */
export function subsetParam(fraction: number): { readonly subsetFraction?: number } {
  return fraction === 0.5 ? {} : { subsetFraction: fraction };
}
