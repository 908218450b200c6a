import { type AuditResources, type DataRole, dataRoles } from '@engram/audits';
import type { AuditRequest } from '@engram/contract';
import { type ArtifactStore, EngramError, type FieldFault, type StoredDataset, type StoredModel } from '@engram/domain';
import type { ItemRecord, RecordStore } from '@engram/storage';
import { completedInspection } from './completed-inspection.js';

/**
 * What the ids of a request refer to, within the project.
 *
 * @throws ENG_MODEL_NOT_FOUND, ENG_DATASET_NOT_FOUND with the pointer of every id that names nothing.
 */
export async function namedResources(
  { records, store }: { readonly records: Pick<RecordStore, 'models' | 'datasets'>; readonly store: ArtifactStore },
  project: string,
  request: AuditRequest,
): Promise<AuditResources> {
  const faults: FieldFault[] = [];
  let first: EngramError | undefined;
  const find = async <S>(pointer: string, looked: Promise<ItemRecord<S>>): Promise<S | undefined> => {
    try {
      return (await looked).stored;
    } catch (error) {
      if (!(error instanceof EngramError) || error.family !== 'missing') throw error;
      first ??= error;
      faults.push({ pointer, message: error.message });
      return undefined;
    }
  };
  const model: StoredModel | undefined =
    request.model === undefined ? undefined : await find('/model', records.models.get(project, request.model));
  const references: StoredModel[] = [];
  for (const [i, id] of (request.tests.membership?.referenceModels.models ?? []).entries()) {
    const pointer = `/tests/membership/referenceModels/models/${i}`;
    const found = await find(pointer, records.models.get(project, id));
    if (found !== undefined) references.push(found);
  }
  const datasets: Partial<Record<DataRole, StoredDataset>> = {};
  for (const role of dataRoles) {
    const id = request.data[role];
    const found = id === undefined ? undefined : await find(`/data/${role}`, records.datasets.get(project, id));
    if (found !== undefined) datasets[role] = await completedInspection(store, project, found);
  }
  if (first !== undefined) throw new EngramError(first.code, first.message, { faults });
  return {
    ...(model === undefined ? {} : { model }),
    ...(references.length === 0 ? {} : { references }),
    datasets,
  };
}
