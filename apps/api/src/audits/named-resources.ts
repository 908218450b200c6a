import { type AuditResources, type DataRole, dataRoles } from '@engram/audits';
import type { AuditRequest } from '@engram/contract';
import { EngramError, type ErrorCode, type FieldFault, type StoredDataset } from '@engram/domain';
import type { Records } from '../records.js';

/**
 * What the ids of a request refer to, within the project.
 *
 * @throws ENG_MODEL_NOT_FOUND, ENG_DATASET_NOT_FOUND with the pointer of every id that names nothing.
 */
export async function namedResources(
  records: Records,
  project: string,
  request: AuditRequest,
): Promise<AuditResources> {
  const faults: FieldFault[] = [];
  const missing = (pointer: string, what: string, id: string) =>
    void faults.push({ pointer, message: `there is no ${what} ${id}` });
  const model = request.model === undefined ? undefined : await records.findModel(project, request.model);
  if (request.model !== undefined && model === undefined) missing('/model', 'model', request.model);
  const datasets: Partial<Record<DataRole, StoredDataset>> = {};
  for (const role of dataRoles) {
    const id = request.data[role];
    if (id === undefined) continue;
    const found = await records.findDataset(project, id);
    if (found === undefined) missing(`/data/${role}`, 'dataset', id);
    else datasets[role] = found.dataset;
  }
  const [first] = faults;
  if (first !== undefined) {
    const code: ErrorCode = first.pointer === '/model' ? 'ENG_MODEL_NOT_FOUND' : 'ENG_DATASET_NOT_FOUND';
    throw new EngramError(code, first.message, { faults });
  }
  return model === undefined ? { datasets } : { model: model.model, datasets };
}
