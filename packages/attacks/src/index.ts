export type { EntryRequest } from './catalog-request.js';
export {
  type MembershipAttackRequest,
  membershipAttackRequest,
  parseAttackRequest,
} from './membership/attack-request.js';
export { type MembershipAttackId, membershipAttacks } from './membership/catalog.js';
export { defaultMembershipSuite } from './membership/default-suite.js';
export type { MembershipAttack, PlannedMembershipAttack, ReferenceBudget } from './membership/define-attack.js';
export { inclusionCountAuc, leaveOneOut } from './membership/leave-one-out.js';
export { type Memorization, subsampledMemorization } from './membership/memorization.js';
export type { ReferenceValues } from './membership/reference-moments.js';
export {
  type AvailableReferences,
  type AvailableSignals,
  availableSignals,
  balancedReferences,
  type MissingRequirement,
  missingRequirements,
  type SignalRequirement,
  thinRequirements,
} from './membership/requirements.js';
export { rmiaPopulationShare } from './membership/rmia/score.js';
export type {
  MembershipSignals,
  PopulationSignals,
  ReferenceSignals,
  TargetSignals,
} from './membership/signals.js';
export { expectedTpr, type Vulnerability, vulnerability } from './membership/vulnerability.js';
export type { JsonParameters } from './parameters.js';
