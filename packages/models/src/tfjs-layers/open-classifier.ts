import { EngramError, type InspectedModel, type ModelSource, type NdArray, type OpenClassifier } from '@engram/domain';
import type { Engine } from '@engram/engine';
import { forward } from '../network/forward.js';
import { sizeOf } from '../network/initializers.js';
import { readLayersModel } from './read-model.js';

const rowsPerRun = 256;

/**
 * Opens a TensorFlow.js layers model for evaluation on the engine: dropout off, stored statistics, logits.
 *
 * @throws ENG_DATA_MODEL_MISMATCH from `outputs` when rows do not have the model's input shape.
 */
export async function openLayersClassifier(
  source: ModelSource,
  inspected: InspectedModel,
  engine: Engine,
): Promise<OpenClassifier> {
  const { network, weights } = await readLayersModel(source);
  const classes = network.classCount;
  const session = engine.session({
    name: 'classifier',
    state: Object.fromEntries(
      Object.entries(weights).map(([name, { data, shape }]) => [name, { shape, dtype: 'float32', initial: data }]),
    ),
    programs: {
      logits: {
        inputs: { x: { shape: [rowsPerRun, ...network.inputShape], dtype: 'float32' } },
        run: ({ tf, state, inputs }) => ({
          outputs: { logits: forward(network, { tf, lead: [rowsPerRun] }, state, inputs.x!) },
        }),
      },
    },
  });

  async function outputs(inputs: NdArray): Promise<NdArray<Float32Array>> {
    const [count, ...rowShape] = inputs.shape;
    if (count === undefined || String(rowShape) !== String(network.inputShape))
      throw new EngramError(
        'ENG_DATA_MODEL_MISMATCH',
        `rows have shape [${rowShape}], the model takes [${network.inputShape}]`,
        {
          remedy: 'Give the rows the shape the model was trained on.',
          details: { rowShape, inputShape: network.inputShape },
        },
      );
    const width = sizeOf(rowShape);
    const result = new Float32Array(count * classes);
    const x = new Float32Array(rowsPerRun * width);
    for (let start = 0; start < count; start += rowsPerRun) {
      const end = Math.min(count, start + rowsPerRun);
      // What is left of an earlier, fuller batch is computed and ignored.
      x.set(inputs.data.subarray(start * width, end * width));
      const { data } = session.run('logits', { x }).logits!;
      result.set((data as Float32Array).subarray(0, (end - start) * classes), start * classes);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { data: result, shape: [count, classes] };
  }

  return { inspected, outputs, dispose: async () => session.dispose() };
}
