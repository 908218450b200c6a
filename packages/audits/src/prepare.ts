import type { AuditRequest } from '@engram/contract';
import type { Plan } from '@engram/domain';
import { sha256Hex } from '@engram/numeric';
import type { Decisions } from './decisions.js';
import { planAudit } from './plan/plan-audit.js';
import { decide } from './preflight/decide.js';
import { type AuditResources, jsonArtifact } from './resources.js';

export interface PreparedAudit {
  readonly plan: Plan;
  /** Digest under which the plan is stored: what jobs name. */
  readonly planDigest: string;
  /** Documents to store before anything is queued: the plan, and descriptions of the model and the datasets. */
  readonly artifacts: readonly Uint8Array[];
  readonly decisions: Decisions;
  /** Plain sentences: what will be left out or is thin, and why. */
  readonly notices: readonly string[];
}

/**
 * Preflight and plan: refuses at the door what cannot work, with the field and the remedy, and lays out the tasks of
 * what can. Pure: the same request on the same resources gives the same plan.
 *
 * @throws ENG_ATTACK_NOT_APPLICABLE, ENG_ESTIMATOR_NOT_APPLICABLE, ENG_DATA_MODEL_MISMATCH, ENG_INSUFFICIENT_SAMPLES,
 *   ENG_LABEL_OUT_OF_RANGE, ENG_ONE_CLASS_ONLY, ENG_REQUEST_INVALID, each with `faults`.
 */
export function prepareAudit(auditId: string, request: AuditRequest, resources: AuditResources): PreparedAudit {
  const { audit, decisions } = decide(auditId, request, resources);
  const { plan, artifacts } = planAudit(audit, decisions);
  const planBytes = jsonArtifact(plan);
  return {
    plan,
    planDigest: sha256Hex(planBytes),
    artifacts: [...artifacts, planBytes],
    decisions,
    notices: decisions.notices,
  };
}
