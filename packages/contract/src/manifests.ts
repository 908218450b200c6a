import { datasetManifest } from '@engram/datasets';
import { modelManifest } from '@engram/models';
import type { z } from 'zod';

/** The part `manifest` of an upload, as the packages that read models and datasets define it. */
export const modelUpload: z.ZodType = modelManifest.meta({ id: 'ModelManifest' });
export const datasetUpload: z.ZodType = datasetManifest.meta({ id: 'DatasetManifest' });
