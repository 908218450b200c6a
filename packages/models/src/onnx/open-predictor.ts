import { EngramError, type InspectedModel, type ModelSource, type NdArray, type OpenPredictor } from '@engram/domain';
import type { Tensor } from 'onnxruntime-node';
import { mostLikelyClasses } from '../most-likely-classes.js';
import { sizeOf } from '../network/initializers.js';
import { type OnnxRuntime, onnxFile, openSession } from './session.js';

/** Rows given to the runtime at once when the batch axis is open. */
const rowsPerRun = 256;

/**
 * Opens an ONNX classifier or regression on the CPU. A model whose batch axis is fixed is run that many rows at a time, the last rows
 * padded by repetition; inputs may differ from the model's shape by axes of size 1. Of a model whose labels are all it may
 * tell, only the class is passed on.
 *
 * @param threads threads of one operator.
 * @throws ENG_DATA_MODEL_MISMATCH from `outputs` when rows do not fit the input.
 */
export async function openOnnxPredictor(
  source: ModelSource,
  inspected: InspectedModel,
  runtime: OnnxRuntime,
  threads = 1,
): Promise<OpenPredictor> {
  const session = await openSession(runtime, await source.read(onnxFile(source).path), threads);
  const metadata = session.inputMetadata[0]!;
  if (!metadata.isTensor)
    throw new EngramError('ENG_MODEL_UNSUPPORTED', 'the input is not a tensor', {
      remedy: 'Export the model with one tensor input.',
    });
  const [batch] = metadata.shape;
  const fixedBatch = typeof batch === 'number' && batch > 0 ? batch : undefined;
  const [answers] = inspected.output.shape;

  const featuresName = inspected.lastLayer?.featuresOutput;
  const outputName = session.outputNames.find((name) => name !== featuresName)!;

  /** The named outputs of all rows, each (n, width). */
  async function run(inputs: NdArray, names: readonly string[]): Promise<NdArray<Float32Array>[]> {
    const rowShape = fitRows(inputs.shape.slice(1), inspected.inputs[0]!.shape);
    const count = inputs.shape[0]!;
    const width = sizeOf(rowShape);
    const results: { width: number; data: Float32Array }[] = [];
    const step = fixedBatch ?? rowsPerRun;
    for (let start = 0; start < count; start += step) {
      const end = Math.min(count, start + step);
      const size = fixedBatch ?? end - start;
      const rows = new Float32Array(size * width);
      for (let row = 0; row < size; row++) {
        const from = Math.min(start + row, end - 1) * width;
        rows.set(inputs.data.subarray(from, from + width), row * width);
      }
      const feeds = { [session.inputNames[0]!]: new runtime.Tensor('float32', rows, [size, ...rowShape]) };
      const found = await session.run(feeds, [...names]);
      names.forEach((name, at) => {
        const values = floats(found[name]!.data);
        const each = values.length / size;
        results[at] ??= { width: each, data: new Float32Array(count * each) };
        results[at].data.set(values.subarray(0, (end - start) * each), start * each);
      });
    }
    return names.map((_, at) => {
      const { width: each = answers!, data = new Float32Array() } = results[at] ?? {};
      return { data, shape: [count, each] };
    });
  }

  const answer = session.outputMetadata.find(({ name }) => name === outputName)!;
  // A model that gives class indices has said all; of another that may tell no more, only the largest is passed on.
  const tellsIndices = answer.isTensor && (answer.type === 'int64' || answer.type === 'int32');
  const hides = inspected.output.meaning === 'labels' && !tellsIndices;

  return {
    inspected,
    outputs: async (inputs) => {
      const [outputs] = await run(inputs, [outputName]);
      return hides ? mostLikelyClasses(outputs!) : outputs!;
    },
    ...(featuresName === undefined
      ? {}
      : {
          lastLayer: async (inputs: NdArray) => {
            const [outputs, features] = await run(inputs, [outputName, featuresName]);
            return { outputs: outputs!, features: features! };
          },
        }),
    dispose: () => session.release(),
  };
}

/** Class indices come as integers, and those of 64 bits as bigints. */
function floats(values: Tensor['data']): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values as ArrayLike<number | bigint>, Number);
}

/**
 * The model's row shape with its open axes filled from the data.
 *
 * @throws ENG_DATA_MODEL_MISMATCH when, axes of size 1 aside, the shapes differ.
 */
function fitRows(given: readonly number[], expected: readonly (number | null)[]): number[] {
  const wide = given.filter((size) => size !== 1);
  const filled: number[] = [];
  let next = 0;
  for (const size of expected) filled.push(size === 1 ? 1 : (wide[next++] ?? 1));
  const fits = next >= wide.length && expected.every((size, axis) => size === null || size === filled[axis]);
  if (fits) return filled;
  throw new EngramError(
    'ENG_DATA_MODEL_MISMATCH',
    `rows have shape [${given}], the model takes [${expected.map((size) => size ?? 'any')}]`,
    {
      remedy: 'Give the rows the shape the model was trained on, channels in the same place.',
      details: { rowShape: given, inputShape: expected },
    },
  );
}
