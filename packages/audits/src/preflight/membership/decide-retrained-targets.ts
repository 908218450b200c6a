import type { PlannedMembershipAttack } from '@engram/attacks';
import { notAskedOfRetrained } from '../../membership/retrained-targets/asked-of-retrained.js';
import { fewestForFlags } from '../../membership/retrained-targets/reliable-flags.js';
import type { ResolvedAudit } from '../../resources.js';
import { chooseRecipe } from '../choose-recipe.js';
import type { Faults } from '../faults.js';
import { keptWeights } from '../kept-weights.js';

const pointer = '/tests/membership/retrainedTargets';

/**
 * How many models to train as the audited one was, on its members; 0 when not asked for. Refused where nothing can be
 * trained, or no attack could be run on what is.
 *
 * @param referenceModels reference models that are trained for the same audit.
 */
export function decideRetrainedTargets(
  audit: ResolvedAudit,
  attacks: readonly PlannedMembershipAttack[],
  referenceModels: number,
  faults: Faults,
  notices: string[],
): number {
  const { retrainedTargets } = audit.request.tests.membership!;
  if (retrainedTargets === null) return 0;
  const { count } = retrainedTargets;
  if (!isTrainable(audit, count, faults)) return count;
  refuseBeyondStorage(audit, count, referenceModels, faults);
  const left = attacks.filter((attack) => notAskedOfRetrained(attack) !== null);
  if (left.length === attacks.length && attacks.length > 0)
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      pointer,
      `expected an attack that asks no more of a model than one pass over the samples, got ${left.map(({ scoreId }) => scoreId).join(', ')}`,
      'Ask for one of loss, lira, rmia or base too, or leave retrainedTargets out.',
    );
  noteCost(audit, count, notices);
  if (left.length > 0) notices.push(`Not run on retrained targets: ${left.map(({ scoreId }) => scoreId).join(', ')}.`);
  if (count < fewestForFlags)
    notices.push(
      `With ${count} retrained targets no member is called reliably exposed: that takes ${fewestForFlags} or more.`,
    );
  return count;
}

function isTrainable({ model, target }: ResolvedAudit, count: number, faults: Faults): boolean {
  if (model !== undefined && target !== 'languageModel' && model.inspected.abilities.includes('train')) return true;
  const got =
    model === undefined
      ? 'this audit names no model to train them like'
      : target === 'languageModel'
        ? 'a language model is not retrained for it'
        : `a model of kind ${model.inspected.kind} cannot be trained here`;
  faults.add(
    'ENG_ATTACK_NOT_APPLICABLE',
    pointer,
    `${count} retrained targets were asked for, and ${got}`,
    'Audit a TensorFlow.js layers model, which can be trained here, or leave retrainedTargets out.',
  );
  return false;
}

/** Their weights are kept beside those of the reference models. */
function refuseBeyondStorage({ model }: ResolvedAudit, count: number, referenceModels: number, faults: Faults): void {
  const { most, rule } = keptWeights(model!);
  if (count + referenceModels <= most) return;
  faults.add(
    'ENG_ATTACK_NOT_APPLICABLE',
    pointer,
    `${rule}, got ${count} retrained targets and ${referenceModels} reference models`,
    'Ask for fewer reference models (referenceModels.count) or fewer retrained targets.',
  );
}

function noteCost(audit: ResolvedAudit, count: number, notices: string[]): void {
  const { epochs } = chooseRecipe(audit).recipe;
  const members = audit.members.toLocaleString('en-US');
  notices.push(
    `${count} models are trained beside the audited one, on all ${members} members for ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} each. If it was trained on more samples than these, they are models of less data: name all of them as members.`,
  );
}
