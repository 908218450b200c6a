import { z } from 'zod';

export const modelUpload = z.looseObject({ name: z.string(), kind: z.string() }).meta({ id: 'ModelManifest' });
export const datasetUpload = z.looseObject({ name: z.string(), format: z.string() }).meta({ id: 'DatasetManifest' });
