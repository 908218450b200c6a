import { EngramError, type NdArray } from '@engram/domain';
import type { Engine } from '@engram/engine';
import { forward } from './forward.js';
import { sizeOf } from './initializers.js';
import type { Network } from './network.js';

const rowsPerRun = 256;

/** A network in evaluation mode: dropout off, stored statistics. Its weights can be exchanged without compiling again. */
export interface OpenNetwork {
  /** Takes these weights, by saved name, in place of those before. */
  load(weights: Readonly<Record<string, NdArray<Float32Array>>>): void;
  /**
   * @param inputs (n, …input shape).
   * @returns (n, classes) logits.
   * @throws ENG_DATA_MODEL_MISMATCH rows do not have the network's input shape.
   */
  outputs(inputs: NdArray): Promise<NdArray<Float32Array>>;
  dispose(): void;
}

/** Opens a network on the engine. Its weights are 0 until they are loaded. */
export function openNetwork(engine: Engine, network: Network): OpenNetwork {
  const classes = network.classCount;
  const session = engine.session({
    name: 'classifier',
    state: Object.fromEntries(
      network.weights.map(({ savedName, shape }) => [savedName, { shape, dtype: 'float32' as const }]),
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

  return {
    load(weights) {
      session.writeState(
        Object.fromEntries(network.weights.map(({ savedName }) => [savedName, weights[savedName]!.data])),
      );
    },
    outputs,
    dispose: () => session.dispose(),
  };
}
