import type { AuditRequest } from '@engram/contract';
import { EngramError, type Plan, type StoredDataset, type StoredModel } from '@engram/domain';

/** The parts of an audit a dataset can play. */
export const dataRoles = ['members', 'nonMembers', 'auditSet', 'population', 'canaries'] as const;
export type DataRole = (typeof dataRoles)[number];

/** What a request's ids refer to. */
export interface AuditResources {
  readonly model?: StoredModel;
  readonly datasets: Readonly<Partial<Record<DataRole, StoredDataset>>>;
}

export interface PreparedAudit {
  readonly plan: Plan;
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
export function prepareAudit(_auditId: string, _request: AuditRequest, _resources: AuditResources): PreparedAudit {
  throw new EngramError('ENG_INTERNAL', 'planning is being built');
}
