import type { InclusionHistograms, OpenDataset } from '@engram/domain';

/**
 * How many samples 0, 1, … reference models were trained on, of members and non-members apart where the dataset marks
 * them: whether these numbers tell one side from the other can be asked without reading the masks again.
 *
 * @returns undefined when the dataset has no `referenceMember`.
 */
export async function inclusionHistograms(dataset: OpenDataset): Promise<InclusionHistograms | undefined> {
  const { count, referenceModels } = dataset.inspected;
  if (!dataset.has('referenceMember') || referenceModels === undefined) return undefined;
  const models = new Uint32Array(count);
  for (let model = 0; model < referenceModels; model += 1) {
    const { data } = await dataset.numbers('referenceMember', model, model + 1);
    for (let i = 0; i < count; i += 1) models[i]! += data[i]!;
  }
  const histogramOf = (counts: (row: number) => boolean) => {
    const histogram = new Array<number>(referenceModels + 1).fill(0);
    for (let row = 0; row < count; row += 1) if (counts(row)) histogram[models[row]!]! += 1;
    return histogram;
  };
  if (!dataset.has('member')) return { all: histogramOf(() => true) };
  const member = (await dataset.numbers('member')).data;
  return {
    members: histogramOf((row) => member[row] === 1),
    nonMembers: histogramOf((row) => member[row] === 0),
  };
}
