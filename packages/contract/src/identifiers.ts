import { z } from 'zod';

const suffix = '[0-9a-zA-Z]{8,40}';

export const modelId = z
  .string()
  .regex(new RegExp(`^mdl_${suffix}$`), 'a model id looks like mdl_…')
  .meta({ id: 'ModelId' });
export const datasetId = z
  .string()
  .regex(new RegExp(`^dst_${suffix}$`), 'a dataset id looks like dst_…')
  .meta({ id: 'DatasetId' });
export const auditId = z
  .string()
  .regex(new RegExp(`^aud_${suffix}$`), 'an audit id looks like aud_…')
  .meta({ id: 'AuditId' });
