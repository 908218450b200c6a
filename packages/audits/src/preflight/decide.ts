import type { AuditRequest } from '@engram/contract';
import type { Decisions } from '../decisions.js';
import { type AuditResources, auditedRoles, type ResolvedAudit } from '../resources.js';
import { checkFit } from './check-fit.js';
import { checkRecipe } from './check-recipe.js';
import { chooseRecipe } from './choose-recipe.js';
import { decideDifficulty } from './decide-difficulty.js';
import { decideExtraction } from './decide-extraction.js';
import { decideLabelMemorization } from './decide-label-memorization.js';
import { decideMemorization } from './decide-memorization.js';
import { decidePrivacyBounds } from './decide-privacy-bounds.js';
import { Faults } from './faults.js';
import { decideMembership } from './membership/decide-membership.js';
import { resolveAudit } from './resolve.js';

export interface DecidedAudit {
  readonly audit: ResolvedAudit;
  readonly decisions: Decisions;
}

/** Settles every default and refuses, all at once, everything that cannot work. */
export function decide(auditId: string, request: AuditRequest, resources: AuditResources): DecidedAudit {
  const faults = new Faults();
  const notices: string[] = [];
  const audit = resolveAudit(auditId, request, resources, faults);
  checkFit(audit, faults);
  checkRecipe(audit, faults);
  faults.throwIfAny();

  const recipe = chooseRecipe(audit);
  const membership = decideMembership(audit, faults, notices);
  const extraction = decideExtraction(audit, faults, notices);
  const difficulty = decideDifficulty(audit, faults, notices);
  const labelMemorization = decideLabelMemorization(audit, faults, notices);
  const memorization = decideMemorization(audit, membership, faults, notices);
  const privacyBounds = decidePrivacyBounds(audit, faults, notices);
  faults.throwIfAny();

  for (const role of auditedRoles(audit.datasets)) {
    const { duplicates, count } = audit.datasets[role]!.inspected;
    if (duplicates > 0) notices.push(`${duplicates} of ${count} rows of ${role} equal an earlier row and count twice.`);
  }
  const trains =
    (membership?.referenceModels ?? 0) > 0 ||
    (membership?.retrainedTargets ?? 0) > 0 ||
    difficulty !== null ||
    labelMemorization !== null ||
    memorization?.from === 'trained';
  if (trains && recipe.from === 'default')
    notices.push(
      'The model came without a training recipe, so models are trained here with the defaults: calibrated attacks and difficulty are weaker when the target was trained otherwise.',
    );
  return {
    audit,
    decisions: {
      recipe: trains ? recipe : null,
      membership,
      extraction,
      difficulty,
      labelMemorization,
      memorization,
      privacyBounds,
      notices,
    },
  };
}
