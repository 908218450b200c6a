import { type MembershipAttackRequest, parseAttackRequest } from './attack-request.js';
import type { PlannedMembershipAttack } from './define-attack.js';
import { type AvailableSignals, missingRequirements } from './requirements.js';

// Up to here references are few enough that a spread estimated from them is noise.
const fewModels = 4;
// With this many the likelihood ratio overtakes the ratio of means at low false positive rates.
const bankSize = 16;

/**
 * The attacks `"default"` stands for, given what there is. The first is the pre-registered primary: it is named before
 * anything runs, the others are exploratory. Every one of them can run on what is available.
 *
 * @param available what target, data and references (given or to be trained) offer.
 * @returns planned attacks; empty when not even a loss is available.
 */
export function defaultMembershipSuite(available: AvailableSignals): PlannedMembershipAttack[] {
  return suite(available)
    .map((request) => parseAttackRequest(request))
    .filter((attack) => missingRequirements(attack.requires, available).length === 0);
}

function suite({ reference }: AvailableSignals): readonly MembershipAttackRequest[] {
  if (reference === undefined || reference.models === 0) return ['loss', 'modifiedEntropy'];
  const baselines = ['calibratedLoss', 'loss'] as const;
  if (reference.models <= fewModels) return [{ attack: 'rmia', mode: 'offline' }, ...baselines];
  const mode = reference.leastIn > 0 ? 'online' : 'offline';
  const lira = { attack: 'lira', mode } as const;
  const rmia = { attack: 'rmia', mode } as const;
  return reference.models < bankSize ? [rmia, lira, ...baselines] : [lira, rmia, ...baselines];
}
