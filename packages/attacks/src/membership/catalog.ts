import { augmentationVotes } from './augmentation-votes/index.js';
import { base } from './base/index.js';
import { boundaryDistance } from './boundary-distance/index.js';
import { calibratedLoss } from './calibrated-loss/index.js';
import { cumulativeLoss } from './cumulative-loss/index.js';
import { entropy } from './entropy/index.js';
import { fusion } from './fusion/index.js';
import { gap } from './gap/index.js';
import { gradientNorm } from './gradient-norm/index.js';
import { leverage } from './leverage/index.js';
import { linearRegression } from './linear-statistics/index.js';
import { lira } from './lira/index.js';
import { loss } from './loss/index.js';
import { lossTraceIqr } from './loss-trace-iqr/index.js';
import { modifiedEntropy } from './modified-entropy/index.js';
import { noiseRobustness } from './noise-robustness/index.js';
import { quantile } from './quantile/index.js';
import { rmia } from './rmia/index.js';
import { shadowClassifier } from './shadow-classifier/index.js';
import { transferAttack } from './transfer-attack/index.js';

/** Every membership attack. Request schema, preflight, documentation and law tests follow from this list. */
export const membershipAttacks = [
  loss,
  entropy,
  modifiedEntropy,
  gap,
  augmentationVotes,
  noiseRobustness,
  boundaryDistance,
  transferAttack,
  calibratedLoss,
  lira,
  rmia,
  base,
  shadowClassifier,
  quantile,
  fusion,
  gradientNorm,
  leverage,
  lossTraceIqr,
  cumulativeLoss,
  linearRegression,
] as const;

export type MembershipAttackId = (typeof membershipAttacks)[number]['id'];
