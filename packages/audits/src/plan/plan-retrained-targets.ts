import type { Json, TaskInput } from '@engram/domain';
import { describeArchitecture } from '../resources.js';
import { classifiersPerTask, modelGroups } from './bank-size.js';
import type { Layout, TaskInputs } from './layout.js';
import { askModels } from './plan-references.js';

/**
 * The target's recipe run again on the members, from other seeds. It reads nothing but what holds members: other
 * non-members, attacks or questions train nothing anew.
 */
export function planRetrainedTargets(layout: Layout, count: number): TaskInput[] {
  if (count === 0) return [];
  const { recipe } = layout.decisions.recipe!;
  const model = layout.audit.model!;
  const architecture = layout.document(describeArchitecture(model));
  return modelGroups(count, classifiersPerTask(model.inspected.parameterCount)).map((group) => {
    const weights = layout.add({
      kind: 'train-reference',
      inputs: { architecture, ...memberInputs(layout) },
      params: { recipe: recipe as unknown as Json, ...group, trainedOn: 'members' },
      seed: layout.seed('retrained-targets'),
      units: group.count * layout.audit.members * recipe.epochs * layout.passCost(),
    });
    return askModels(layout, architecture, weights, group.count);
  });
}

/** The samples among which the members are: first of the rows, wherever they come from. */
function memberInputs({ rowInputs: { members, auditSet } }: Layout): TaskInputs {
  return members === undefined ? { auditSet } : { members };
}
