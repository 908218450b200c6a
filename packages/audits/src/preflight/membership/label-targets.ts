import { auditedRoles, type ResolvedAudit } from '../../resources.js';
import { recordsLabelsAlone } from '../../tasks/label-answers.js';

/** Whether all that is to be read of the target's answers is which class it says. */
export function isAskedForLabels({ target, model, datasets }: ResolvedAudit): boolean {
  if (target === 'classifier') return model?.inspected.output.meaning === 'labels';
  if (target !== 'outputs') return false;
  const parts = auditedRoles(datasets).map((role) => datasets[role]!.inspected.fields);
  return recordsLabelsAlone((field) => parts.every((fields) => fields[field] !== undefined));
}

/** What is left aside because labels say too little for it. */
export function noticesOfLabels(audit: ResolvedAudit): string[] {
  const { population } = audit.datasets;
  if (population === undefined || !isAskedForLabels(audit)) return [];
  return ['The population is not read: attacks compare losses with it, and the target tells labels alone.'];
}
