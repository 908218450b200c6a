import { EngramError, type FieldName, fieldNames } from '@engram/domain';
import { z } from 'zod';
import { readers } from './catalog.js';
import type { FieldSpec } from './reader.js';

/** At least one of these says what the samples are. */
const substance: readonly FieldName[] = [
  'input',
  'text',
  'secret',
  'logits',
  'probabilities',
  'predictedLabel',
  'prediction',
  'loss',
  'scaledConfidence',
];

const numericInput = {
  scale: z.number().optional().describe('Inputs are stored as float32 value × scale + offset; 1/255 for bytes'),
  offset: z.number().optional(),
};

type Reader = (typeof readers)[keyof typeof readers];

function manifestOf<R extends Reader>(reader: R) {
  const spec = reader.fieldSpec as z.ZodType<FieldSpec>;
  const inputSpec = withNumericInput(reader.fieldSpec);
  const fields = Object.fromEntries(
    fieldNames.map((field) => [field, (field === 'input' ? inputSpec : spec).optional()]),
  ) as Record<FieldName, z.ZodOptional<z.ZodType<FieldSpec>>>;
  return z.strictObject({
    name: z.string().min(1).max(200),
    format: z.literal(reader.format as R['format']),
    ...(reader.settings as R['settings']),
    fields: z
      .strictObject(fields)
      .refine(
        (given) => substance.some((field) => given[field] !== undefined),
        `needs at least one of ${substance.join(', ')}`,
      ),
  });
}

/** The keys of a format's field, and `scale` and `offset`; what the format checks across keys is kept. */
function withNumericInput(spec: Reader['fieldSpec']): z.ZodType<FieldSpec> {
  return (spec as z.ZodObject).safeExtend(numericInput) as unknown as z.ZodType<FieldSpec>;
}

/** What a client says about the files of a dataset: the format, and where each field is. Strict: unknown keys are refused. */
export const datasetManifest = z.discriminatedUnion('format', [
  manifestOf(readers.npy),
  manifestOf(readers.npz),
  manifestOf(readers.idx),
  manifestOf(readers.csv),
  manifestOf(readers.jsonl),
]);

export type DatasetManifest = z.infer<typeof datasetManifest>;

/** @throws ENG_MANIFEST_INVALID with a fault for each thing wrong. */
export function parseDatasetManifest(value: unknown): DatasetManifest {
  const parsed = datasetManifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => ({
    pointer: path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    message,
  }));
  const [first] = faults;
  throw new EngramError(
    'ENG_MANIFEST_INVALID',
    `the dataset manifest is wrong at ${first?.pointer || '/'}: ${first?.message}`,
    {
      remedy: 'Correct the manifest where `errors` points.',
      faults,
    },
  );
}
