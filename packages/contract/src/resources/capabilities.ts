import { z } from 'zod';

/** An attack or estimator, with the JSON Schema of its parameters. */
export const method = z
  .strictObject({
    id: z.string(),
    summary: z.string(),
    paper: z.string(),
    /** With default parameters: signals it reads, abilities of the model, data it needs. */
    requires: z.array(z.string()),
    params: z.record(z.string(), z.json()),
  })
  .meta({ id: 'Method' });

export const worker = z
  .strictObject({
    id: z.string(),
    /** `cpu`, `cuda:0`: where its tensors run. */
    device: z.string(),
    /** Tasks it runs at once, by the resource they need. */
    slots: z.record(z.string(), z.number().int()),
    /** Tasks it is running now. */
    running: z.number().int(),
    startedAt: z.iso.datetime(),
    /** Versions of the worker and its native libraries. */
    versions: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Worker' });

/** What this service can do now. */
export const capabilities = z
  .strictObject({
    models: z.array(z.strictObject({ kind: z.string(), summary: z.string() })),
    datasets: z.array(z.strictObject({ format: z.string(), summary: z.string() })),
    archives: z.array(z.string()),
    membership: z.array(method),
    extraction: z.array(method),
    estimators: z.array(method),
    limits: z.record(z.string(), z.number()),
    workers: z.array(worker),
    versions: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Capabilities' });

export type Capabilities = z.infer<typeof capabilities>;
export type Method = z.infer<typeof method>;
export type Worker = z.infer<typeof worker>;
