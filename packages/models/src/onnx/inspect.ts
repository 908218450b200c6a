import { type Ability, EngramError, type InspectedModel, type LastDenseLayer, type ModelSource } from '@engram/domain';
import type { InferenceSession } from 'onnxruntime-node';
import type { ModelManifest } from '../manifest.js';
import { findFile, modelDigest } from '../model-files.js';
import { scanOnnx } from './scan.js';
import { type OnnxRuntime, onnxFile, openSession } from './session.js';

/** Larger files would not fit a protobuf message, and external data are not followed. */
const sizeLimitBytes = 2 ** 31 - 1;

type TensorMetadata = Extract<InferenceSession.ValueMetadata, { isTensor: true }>;

/**
 * What an ONNX model holds: its structure is read and checked first, then ONNX Runtime loads it once, on one thread.
 *
 * @throws ENG_FILE_UNREADABLE corrupt or cut short. ENG_MODEL_UNSAFE external data. ENG_MODEL_UNSUPPORTED custom operators,
 * several inputs or outputs, an output without classes, or of a regression with more than one number. ENG_VALUES_NOT_FINITE. ENG_MANIFEST_INVALID the manifest's output
 * contradicts the last operator.
 */
export async function inspectOnnx(manifest: ModelManifest, source: ModelSource): Promise<InspectedModel> {
  const file = onnxFile(source);
  if (file.sizeBytes > sizeLimitBytes)
    throw new EngramError(
      'ENG_MODEL_UNSUPPORTED',
      `"${file.path}" has ${file.sizeBytes} bytes, at most ${sizeLimitBytes} are read`,
      {
        remedy: 'Reduce the model, for example to 16-bit weights.',
      },
    );
  const bytes = await source.read(file.path);
  const scan = scanOnnx(bytes);
  const runtime: OnnxRuntime = await import('onnxruntime-node');
  const session = await openSession(runtime, bytes, 1);
  try {
    const input = onlyTensor(session.inputMetadata, 'input');
    const { features } = manifest;
    const output = onlyTensor(
      session.outputMetadata.filter(({ name }) => name !== features),
      'output',
    );
    const shared = {
      kind: 'onnx' as const,
      inputs: [{ name: input.name, shape: withoutBatch(input.shape), dtype: input.type }],
      parameterCount: scan.parameterCount,
      digest: modelDigest('onnx', source),
    };
    switch (manifest.task) {
      case 'causal-lm':
        return { ...shared, ...languageModel(input, output, source) };
      case 'regression':
        return {
          ...shared,
          ...regression(
            input,
            output,
            features === undefined ? undefined : lastLayerOf(features, session.outputMetadata, 'linear'),
          ),
        };
      case 'classification':
        return {
          ...shared,
          ...classifier(
            manifest,
            input,
            output,
            scan.producers.get(output.name),
            features === undefined ? undefined : lastLayerOf(features, session.outputMetadata, 'softmax'),
          ),
        };
    }
  } finally {
    await session.release();
  }
}

function classifier(
  manifest: ModelManifest,
  input: TensorMetadata,
  output: TensorMetadata,
  lastOperator: string | undefined,
  lastLayer: LastDenseLayer | undefined,
) {
  checkInput(input, 'a classifier');
  if (output.type === 'int64' || output.type === 'int32') return classIndices(manifest, output);
  const shape = withoutBatch(output.shape);
  const sizes = shape.filter((size) => size !== 1);
  const classCount = sizes[0];
  if (sizes.length !== 1 || classCount === null || classCount === undefined)
    throw new EngramError(
      'ENG_MODEL_UNSUPPORTED',
      `output "${output.name}" has shape [${output.shape}], a classifier gives one row of classes per sample`,
      {
        remedy: 'Export the model with an output of shape [batch, classes], classes at least 2.',
      },
    );
  const found = lastOperator === 'Softmax' ? 'probabilities' : lastOperator === 'LogSoftmax' ? 'logits' : undefined;
  if (manifest.output === 'labels')
    return {
      task: 'classification' as const,
      output: { shape: [1], meaning: 'labels' as const },
      classCount,
      abilities: ['labels'] satisfies Ability[],
    };
  if (found !== undefined && manifest.output !== undefined && manifest.output !== found) {
    const message = `the manifest says the output is ${manifest.output}, the model ends in ${lastOperator}`;
    throw new EngramError('ENG_MANIFEST_INVALID', message, {
      remedy: `Set output to "${found}" or leave it out.`,
      faults: [{ pointer: '/output', message }],
    });
  }
  const meaning = manifest.output ?? found;
  if (meaning === undefined) {
    const message = `whether the outputs are logits or probabilities cannot be read from the operator ${lastOperator ?? 'that gives them'}`;
    throw new EngramError('ENG_MANIFEST_INVALID', message, {
      remedy: 'Set output to "logits" or "probabilities", or to "labels" to have nothing read but the class.',
      faults: [{ pointer: '/output', message }],
    });
  }
  const abilities: Ability[] =
    meaning === 'logits' ? ['labels', 'probabilities', 'logits'] : ['labels', 'probabilities'];
  return {
    task: 'classification' as const,
    output: { shape: [classCount], meaning },
    classCount,
    abilities: lastLayer === undefined ? abilities : [...abilities, 'features' as const],
    ...(lastLayer === undefined ? {} : { lastLayer }),
  };
}

/** One class index per sample, [batch, 1] or [batch]: how many classes there are it does not say. */
function classIndices(manifest: ModelManifest, output: TensorMetadata) {
  if (output.shape.length === 0 || withoutBatch(output.shape).some((size) => size !== 1))
    throw new EngramError(
      'ENG_MODEL_UNSUPPORTED',
      `output "${output.name}" is ${output.type} of shape [${output.shape}], a classifier that tells labels gives one class index per sample`,
      { remedy: 'Export the model with one output of shape [batch] or [batch, 1].' },
    );
  const contradicted = manifest.output !== undefined && manifest.output !== 'labels' ? 'output' : null;
  const pointer = contradicted ?? (manifest.features === undefined ? null : 'features');
  if (pointer !== null) {
    const message = `the manifest says ${pointer} is ${manifest[pointer]}, the model gives class indices (${output.type}) and nothing else`;
    throw new EngramError('ENG_MANIFEST_INVALID', message, {
      remedy: pointer === 'output' ? 'Set output to "labels" or leave it out.' : 'Leave features out.',
      faults: [{ pointer: `/${pointer}`, message }],
    });
  }
  return {
    task: 'classification' as const,
    output: { shape: [1], meaning: 'labels' as const },
    abilities: ['labels'] satisfies Ability[],
  };
}

/** One number per sample: [batch, 1] or [batch]. */
function regression(input: TensorMetadata, output: TensorMetadata, lastLayer: LastDenseLayer | undefined) {
  checkInput(input, 'a regression');
  if (output.type !== 'float32' || output.shape.length === 0 || withoutBatch(output.shape).some((size) => size !== 1))
    throw new EngramError(
      'ENG_MODEL_UNSUPPORTED',
      `output "${output.name}" is ${output.type} of shape [${output.shape}], a regression gives one float32 per sample`,
      {
        remedy:
          'Export the model with one output of shape [batch, 1], one quantity at a time. For a model that tells classes leave task out of the manifest.',
      },
    );
  return {
    task: 'regression' as const,
    output: { shape: [1], meaning: 'prediction' as const },
    abilities: (lastLayer === undefined ? ['predictions'] : ['predictions', 'features']) satisfies Ability[],
    ...(lastLayer === undefined ? {} : { lastLayer }),
  };
}

function checkInput(input: TensorMetadata, what: string): void {
  if (input.type === 'float32') return;
  throw new EngramError(
    'ENG_MODEL_UNSUPPORTED',
    `input "${input.name}" has element type ${input.type}, ${what} takes float32`,
    { remedy: 'Export the model with float32 inputs.' },
  );
}

/** The layer behind the output named as its input. Whether it has a bias cannot be read from that: nearly all have. */
function lastLayerOf(
  name: string,
  outputs: readonly InferenceSession.ValueMetadata[],
  head: LastDenseLayer['head'],
): LastDenseLayer {
  const found = outputs.find((output) => output.name === name);
  if (found?.isTensor && found.type === 'float32' && found.shape.length === 2)
    return { width: withoutBatch(found.shape)[0]!, head, bias: true, featuresOutput: name };
  const message =
    found === undefined
      ? `the manifest names the output "${name}" as features, the model gives ${outputs.map((output) => output.name).join(', ')}`
      : `the output "${name}" is not a float32 tensor of shape [batch, width]`;
  throw new EngramError('ENG_MANIFEST_INVALID', message, {
    remedy: 'Name the output that holds the input of the last dense layer, one row a sample, or leave features out.',
    faults: [{ pointer: '/features', message }],
  });
}

function languageModel(input: TensorMetadata, output: TensorMetadata, source: ModelSource) {
  const [batch, sequence, vocabulary] = output.shape;
  if (
    input.type !== 'int64' ||
    input.shape.length !== 2 ||
    output.shape.length !== 3 ||
    typeof vocabulary !== 'number' ||
    (typeof sequence === 'number' && sequence > 0)
  )
    throw new EngramError(
      'ENG_MODEL_UNSUPPORTED',
      `a language model takes int64 [batch, sequence] and gives float32 [batch, sequence, vocabulary]; this one takes ${input.type} [${input.shape}] and gives [${batch}, ${sequence}, ${vocabulary}]`,
      {
        remedy:
          'Export the model with one input of token ids, an open sequence axis, and logits as its one output, without a key/value cache.',
      },
    );
  if (findFile(source, 'tokenizer.json') === undefined)
    throw new EngramError(
      'ENG_FILE_UNREADABLE',
      'a language model needs its tokenizer, and the upload has no tokenizer.json',
      {
        remedy: 'Upload tokenizer.json beside the .onnx file.',
      },
    );
  const abilities: Ability[] = ['perTokenLogProbs', 'fullVocabulary'];
  return {
    task: 'causal-lm' as const,
    output: { shape: [null, vocabulary], meaning: 'logits' as const },
    vocabularySize: vocabulary,
    abilities,
  };
}

function onlyTensor(metadata: readonly InferenceSession.ValueMetadata[], what: 'input' | 'output'): TensorMetadata {
  const [first] = metadata;
  if (metadata.length === 1 && first!.isTensor) return first!;
  throw new EngramError(
    'ENG_MODEL_UNSUPPORTED',
    `the model has ${metadata.length} ${what}s (${metadata.map((each) => each.name).join(', ')}), expected one tensor`,
    {
      remedy: `Export the model with one ${what}.`,
    },
  );
}

/** Symbolic or negative sizes are open. */
function withoutBatch(shape: readonly (number | string)[]): (number | null)[] {
  return shape.slice(1).map((size) => (typeof size === 'number' && size > 0 ? size : null));
}
