import { matchDatasetToModel } from '@engram/datasets';
import { auditedRoles, type DataRole, type ResolvedAudit } from '../resources.js';
import type { Faults } from './faults.js';

/** Whether every dataset fits the model: rank, widths, classes, texts. */
export function checkFit(audit: ResolvedAudit, faults: Faults): void {
  const { model, datasets } = audit;
  if (model === undefined || faults.any) return;
  const roles: DataRole[] = [...auditedRoles(datasets), 'population', 'canaries'];
  for (const role of roles) {
    const dataset = datasets[role];
    if (dataset === undefined) continue;
    const pointer = `/data/${role}`;
    faults.gather(pointer, () => matchDatasetToModel(dataset.inspected, model.inspected, pointer));
  }
}
