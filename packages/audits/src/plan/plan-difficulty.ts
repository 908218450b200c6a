import type { Json } from '@engram/domain';
import type { DifficultyDecisions } from '../decisions.js';
import type { Layout, TaskInputs } from './layout.js';

export function planDifficulty(
  layout: Layout,
  { estimators, source, checkpoints, verify }: DifficultyDecisions,
): TaskInputs {
  const { recipe } = layout.decisions.recipe!;
  const { members } = layout.audit;
  const inputs = { ...layout.targetInputs, ...layout.datasetInputs };
  const recorded = layout.add({
    kind: 'train-recorded',
    inputs,
    params: { recipe: recipe as unknown as Json, source, checkpoints },
    seed: layout.seed('recorded-training'),
    units: members * (source === 'recordedTraining' ? checkpoints : recipe.epochs) * layout.passCost(),
  });
  const difficulty = layout.add({
    kind: 'estimate-difficulty',
    inputs: { ...inputs, recorded },
    params: { estimators: estimators as unknown as Json, recipe: recipe as unknown as Json, source },
    seed: layout.seed('estimate-difficulty'),
    units: members / 1000,
  });
  if (verify === null) return { difficulty };
  const epochs = verify.forgetSets * (verify.retrainSeeds * (recipe.epochs + verify.epochs) + verify.epochs);
  const probe = layout.add({
    kind: 'probe-unlearning',
    inputs: { ...inputs, difficulty },
    params: { ...verify, recipe: recipe as unknown as Json, confidence: layout.audit.request.confidence },
    seed: layout.seed('probe-unlearning'),
    units: epochs * members * layout.passCost(),
  });
  return { difficulty, probe };
}
