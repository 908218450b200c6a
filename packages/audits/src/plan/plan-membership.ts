import type { Json, TaskInput } from '@engram/domain';
import type { ChosenAttack, MembershipDecisions } from '../decisions.js';
import { type Layout, numbered, type TaskInputs } from './layout.js';
import { planBlindBaseline } from './plan-blind-baseline.js';
import { planMeasures, planReferenceMeasures } from './plan-measures.js';
import { planReferences } from './plan-references.js';
import { planRetrainedTargets } from './plan-retrained-targets.js';

export function planMembership(layout: Layout, decisions: MembershipDecisions, signals: TaskInput): TaskInputs {
  const blind = planBlindBaseline(layout);
  const references = planReferences(layout, decisions);
  const bank = numbered('reference', references);
  const scored = decisions.attacks.map((attack) =>
    planScores(layout, attack, { signals, ...bank, ...planReferenceMeasures(layout, attack, references) }),
  );
  const membership = layout.add({
    kind: 'score-membership',
    inputs: {
      ...layout.rowInputs,
      signals,
      blind,
      ...bank,
      ...numbered('retrained', planRetrainedTargets(layout, decisions.retrainedTargets)),
      ...numbered('attack', scored),
    },
    params: {
      attacks: decisions.attacks as unknown as Json,
      skipped: decisions.skipped as unknown as Json,
      fpr: decisions.fpr,
      certify: decisions.certify,
      slices: decisions.slices,
      confidence: layout.audit.request.confidence,
      recipe: layout.decisions.recipe as unknown as Json,
    },
    seed: layout.seed('score-membership'),
    units: (layout.rows * decisions.attacks.length * (1 + decisions.retrainedTargets)) / 1000,
  });
  return { membership };
}

/** One attack, and what it alone asks of the target. */
function planScores(layout: Layout, attack: ChosenAttack, inputs: TaskInputs): TaskInput {
  return layout.add({
    kind: 'score-attack',
    inputs: { ...layout.rowInputs, ...inputs, ...planMeasures(layout, [attack]) },
    params: { attack: attack as unknown as Json, confidence: layout.audit.request.confidence },
    seed: layout.seed('score-membership'),
    units: layout.rows / 1000,
  });
}
