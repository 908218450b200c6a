import type {
  FieldName,
  InspectedDataset,
  InspectedModel,
  StoredDataset,
  StoredField,
  StoredModel,
} from '@engram/domain';
import { sha256Hex } from '@engram/numeric';

/** Descriptions of uploads whose bytes do not matter: what preflight and planning look at. */

export interface MadeDataset {
  readonly id?: string;
  readonly count?: number;
  /** Fields and the shape of one row; texts by the longest one's bytes. */
  readonly fields?: Readonly<Partial<Record<FieldName, readonly number[] | { readonly longestBytes: number }>>>;
  readonly rest?: Partial<InspectedDataset>;
}

export function dataset({
  id = 'ds_a',
  count = 1000,
  fields = { input: [4], label: [] },
  rest,
}: MadeDataset = {}): StoredDataset {
  const stored = Object.fromEntries(
    Object.entries(fields).map(([name, shape]): [string, StoredField] => {
      const digest = sha256Hex(`${id} ${name}`);
      return 'longestBytes' in shape
        ? [
            name,
            {
              kind: 'text',
              rows: count,
              digest,
              offsets: sha256Hex(`${id} ${name} offsets`),
              longestBytes: shape.longestBytes,
            },
          ]
        : [name, { kind: 'numeric', dtype: 'float32', rowShape: shape, rows: count, digest, minimum: 0, maximum: 1 }];
    }),
  );
  return {
    id,
    name: id,
    manifest: { name: id },
    inspected: { count, fields: stored, duplicates: 0, digest: sha256Hex(id), ...rest },
  };
}

export function texts(id: string, count = 300): StoredDataset {
  return dataset({ id, count, fields: { text: { longestBytes: 600 } } });
}

const recipe = {
  optimizer: { kind: 'adam', learningRate: 0.01 },
  epochs: 20,
  batchSize: 32,
  loss: 'crossEntropy',
  weightDecay: 0,
  schedule: 'constant',
  augmentation: [],
  seed: 1,
};

const classification: InspectedModel = {
  kind: 'tfjs-layers',
  task: 'classification',
  inputs: [{ name: 'input', shape: [4], dtype: 'float32' }],
  output: { shape: [3], meaning: 'logits' },
  classCount: 3,
  parameterCount: 2000,
  abilities: ['labels', 'probabilities', 'logits', 'gradients', 'weights', 'train'],
  digest: sha256Hex('model'),
};

export function classifier(rest: Partial<InspectedModel> = {}, training: typeof recipe | null = recipe): StoredModel {
  return stored({ ...classification, ...rest }, training);
}

export function onnxClassifier(): StoredModel {
  return stored({ ...classification, kind: 'onnx', abilities: ['labels', 'probabilities', 'logits'] }, null);
}

export function languageModel(rest: Partial<InspectedModel> = {}): StoredModel {
  return stored(
    {
      kind: 'causal-lm',
      task: 'causal-lm',
      inputs: [{ name: 'tokens', shape: [null], dtype: 'int32' }],
      output: { shape: [256], meaning: 'logits' },
      vocabularySize: 256,
      contextLength: 256,
      parameterCount: 100_000,
      abilities: ['perTokenLogProbs', 'generate', 'train'],
      digest: sha256Hex('language model'),
      ...rest,
    },
    recipe,
  );
}

function stored(inspected: InspectedModel, training: typeof recipe | null): StoredModel {
  return {
    id: 'mdl_a',
    name: 'target',
    manifest: { name: 'target', kind: inspected.kind, ...(training === null ? {} : { training }) },
    inspected,
    files: [{ path: 'model.json', sizeBytes: 10, digest: sha256Hex('model.json') }],
  };
}
