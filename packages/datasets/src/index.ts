export type { ArchiveSource } from './archive/archive-source.js';
export { type ArchiveLimits, defaultArchiveLimits, type PutEntry } from './archive/entry-guard.js';
export { type ArchiveKind, archiveKindOf, unpackArchive } from './archive/unpack-archive.js';
export {
  type BlindFeatures,
  type BlindOptions,
  type BlindSamples,
  type DatasetBlindOptions,
  datasetBlindFeatures,
} from './blind/blind-features.js';
export { defaultCanaries, type PlantedCanaries, plantCanaries } from './canaries/plant-canaries.js';
export { rowRanges } from './canaries/row-ranges.js';
export { type DatasetFormat, readers } from './catalog.js';
export { type CrossDuplicates, crossDuplicates, type NearDuplicates } from './cross-duplicates.js';
export { inclusionHistograms } from './inclusion-histograms.js';
export type { ReadLimits } from './limits.js';
export { type DatasetManifest, datasetManifest, parseDatasetManifest } from './manifest.js';
export { type DatasetMatch, type FittedModel, matchDatasetToModel } from './match-model.js';
export { type NearRows, nearRows } from './near-rows.js';
export { openDataset } from './open-dataset.js';
export { type DatasetFiles, type ReadDatasetRequest, readDataset } from './read-dataset.js';
export { repeatedRows } from './repeated-rows.js';
export { checkUploadPath } from './upload-path.js';
