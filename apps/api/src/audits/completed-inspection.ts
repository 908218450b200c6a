import { inclusionHistograms, openDataset } from '@engram/datasets';
import type { ArtifactStore, StoredDataset } from '@engram/domain';

/**
 * A dataset as it would be inspected today: one uploaded before masks of reference models were counted at upload has them
 * counted now, so that masks that give members away are refused for it too.
 *
 * @throws ENG_ARTIFACT_NOT_FOUND, ENG_ARTIFACT_CORRUPT when the masks cannot be read.
 */
export async function completedInspection(
  store: ArtifactStore,
  project: string,
  dataset: StoredDataset,
): Promise<StoredDataset> {
  const { inspected } = dataset;
  if (inspected.inclusion !== undefined || inspected.fields.referenceMember === undefined) return dataset;
  const inclusion = await inclusionHistograms(openDataset(inspected, store, project));
  return inclusion === undefined ? dataset : { ...dataset, inspected: { ...inspected, inclusion } };
}
