import { type MembershipAttackRequest, parseAttackRequest } from './attack-request.js';
import type { AvailableSignals } from './available-signals.js';
import type { PlannedMembershipAttack } from './define-attack.js';
import { missingRequirements } from './missing-requirements.js';

// Up to here references are few enough that a spread estimated from them is noise.
const fewModels = 4;
// With this many the likelihood ratio overtakes the ratio of means at low false positive rates.
const bankSize = 16;

// From here on a 99 % quantile of non-members like a sample can be learned: twenty lie above it.
const enoughForQuantile = 2000;

/** Asked label by label; worth their many passes only where nothing else can be read. */
const fromLabels: readonly MembershipAttackRequest[] = ['augmentationVotes', 'gap', 'noiseRobustness'];

/** What weights tell, and what training left. */
const fromInside: readonly MembershipAttackRequest[] = [
  'gradientNorm',
  'leverage',
  'lossTraceIqr',
  'cumulativeLoss',
  'linearRegression',
];

/**
 * The attacks `"default"` stands for, given what there is. The first is the pre-registered primary: it is named before
 * anything runs, the others are exploratory. Every one of them can run on what is available.
 *
 * Few rather than all: each further attack makes the correction for having tried several harsher.
 *
 * @param available what target, data and references (given or to be trained) offer.
 * @returns planned attacks; empty when there is nothing any of them could read.
 */
export function defaultMembershipSuite(available: AvailableSignals): PlannedMembershipAttack[] {
  const requests = available.loss ? [...fromOutputs(available), ...fromInside] : fromLabels;
  return requests
    .map((request) => parseAttackRequest(request))
    .filter((attack) => missingRequirements(attack.requires, available).length === 0);
}

function fromOutputs({
  reference,
  calibration = 0,
  queries = 1,
  trainedForms = 1,
}: AvailableSignals): readonly MembershipAttackRequest[] {
  if (reference === undefined || reference.models === 0) {
    const alone = ['loss', 'modifiedEntropy'] as const;
    return calibration >= enoughForQuantile ? ['quantile', ...alone] : alone;
  }
  const baselines = ['calibratedLoss', 'loss'] as const;
  if (reference.models <= fewModels) return [{ attack: 'rmia', mode: 'offline', offlineA: 'tuned' }, ...baselines];
  const mode = reference.leastIn > 0 ? 'online' : 'offline';
  // Forms that training did not draw from would only dilute the answer about the sample itself.
  const asked = ([18, 2] as const).find((forms) => forms <= Math.min(queries, trainedForms)) ?? 1;
  const lira = { attack: 'lira', mode, queries: asked } as const;
  const rmia = { attack: 'rmia', mode } as const;
  return reference.models < bankSize ? [rmia, lira, ...baselines] : [lira, rmia, ...baselines];
}
