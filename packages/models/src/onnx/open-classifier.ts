import { EngramError, type InspectedModel, type ModelSource, type NdArray, type OpenClassifier } from '@engram/domain';
import { sizeOf } from '../network/initializers.js';
import { type OnnxRuntime, onnxFile, openSession } from './session.js';

/** Rows given to the runtime at once when the batch axis is open. */
const rowsPerRun = 256;

/**
 * Opens an ONNX classifier on the CPU. A model whose batch axis is fixed is run that many rows at a time, the last rows
 * padded by repetition; inputs may differ from the model's shape by axes of size 1.
 *
 * @param threads threads of one operator.
 * @throws ENG_DATA_MODEL_MISMATCH from `outputs` when rows do not fit the input.
 */
export async function openOnnxClassifier(
  source: ModelSource,
  inspected: InspectedModel,
  runtime: OnnxRuntime,
  threads = 1,
): Promise<OpenClassifier> {
  const session = await openSession(runtime, await source.read(onnxFile(source).path), threads);
  const metadata = session.inputMetadata[0]!;
  if (!metadata.isTensor)
    throw new EngramError('ENG_MODEL_UNSUPPORTED', 'the input is not a tensor', {
      remedy: 'Export the model with one tensor input.',
    });
  const [batch] = metadata.shape;
  const fixedBatch = typeof batch === 'number' && batch > 0 ? batch : undefined;
  const classes = inspected.classCount!;

  async function run(rows: Float32Array, shape: readonly number[]): Promise<Float32Array> {
    const feeds = { [session.inputNames[0]!]: new runtime.Tensor('float32', rows, shape) };
    const output = (await session.run(feeds))[session.outputNames[0]!]!;
    return output.data as Float32Array;
  }

  async function outputs(inputs: NdArray): Promise<NdArray<Float32Array>> {
    const rowShape = fitRows(inputs.shape.slice(1), inspected.inputs[0]!.shape);
    const count = inputs.shape[0]!;
    const width = sizeOf(rowShape);
    const result = new Float32Array(count * classes);
    const step = fixedBatch ?? rowsPerRun;
    for (let start = 0; start < count; start += step) {
      const end = Math.min(count, start + step);
      const size = fixedBatch ?? end - start;
      const rows = new Float32Array(size * width);
      for (let row = 0; row < size; row++) {
        const from = Math.min(start + row, end - 1) * width;
        rows.set(inputs.data.subarray(from, from + width), row * width);
      }
      const values = await run(rows, [size, ...rowShape]);
      result.set(values.subarray(0, (end - start) * classes), start * classes);
    }
    return { data: result, shape: [count, classes] };
  }

  return { inspected, outputs, dispose: () => session.release() };
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
