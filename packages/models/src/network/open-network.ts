import { EngramError, type LastLayerRows, type NdArray } from '@engram/domain';
import type { Engine } from '@engram/engine';
import { forward } from './forward.js';
import { sizeOf } from './initializers.js';
import { forwardFeatures, lastDenseLayer } from './last-layer.js';
import type { Network } from './network.js';

const rowsPerRun = 256;

/** A network in evaluation mode: dropout off, stored statistics. Its weights can be exchanged without compiling again. */
export interface OpenNetwork {
  /** Takes these weights, by saved name, in place of those before. */
  load(weights: Readonly<Record<string, NdArray<Float32Array>>>): void;
  /**
   * @param inputs (n, …input shape).
   * @returns (n, classes) logits, or (n, 1) predictions.
   * @throws ENG_DATA_MODEL_MISMATCH rows do not have the network's input shape.
   */
  outputs(inputs: NdArray): Promise<NdArray<Float32Array>>;
  /** Logits with what the last layer read; only of networks that end in a dense layer. Throws as `outputs`. */
  readonly lastLayer?: (inputs: NdArray) => Promise<LastLayerRows>;
  dispose(): void;
}

/** Opens a network on the engine. Its weights are 0 until they are loaded. */
export function openNetwork(engine: Engine, network: Network): OpenNetwork {
  const { outputCount } = network;
  const width = lastDenseLayer(network)?.width ?? undefined;
  const x = { shape: [rowsPerRun, ...network.inputShape], dtype: 'float32' as const };
  const session = engine.session({
    name: 'network',
    state: Object.fromEntries(
      network.weights.map(({ savedName, shape }) => [savedName, { shape, dtype: 'float32' as const }]),
    ),
    programs: {
      outputs: {
        inputs: { x },
        run: ({ tf, state, inputs }) => ({
          outputs: { outputs: forward(network, { tf, lead: [rowsPerRun] }, state, inputs.x!) },
        }),
      },
      ...(width === undefined
        ? {}
        : {
            lastLayer: {
              inputs: { x },
              run: ({ tf, state, inputs }) => ({
                outputs: { ...forwardFeatures(network, { tf, lead: [rowsPerRun] }, state, inputs.x!) },
              }),
            },
          }),
    },
  });

  /** Rows of a program's outputs, batch after batch. @param widths values a row of each output. */
  async function run(
    program: string,
    inputs: NdArray,
    widths: Readonly<Record<string, number>>,
  ): Promise<Record<string, NdArray<Float32Array>>> {
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
    const size = sizeOf(rowShape);
    const results = Object.entries(widths).map(([name, each]) => ({
      name,
      each,
      array: { data: new Float32Array(count * each), shape: [count, each] },
    }));
    const batch = new Float32Array(rowsPerRun * size);
    for (let start = 0; start < count; start += rowsPerRun) {
      const end = Math.min(count, start + rowsPerRun);
      // What is left of an earlier, fuller batch is computed and ignored.
      batch.set(inputs.data.subarray(start * size, end * size));
      const outputs = session.run(program, { x: batch });
      for (const { name, each, array } of results)
        array.data.set((outputs[name]!.data as Float32Array).subarray(0, (end - start) * each), start * each);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return Object.fromEntries(results.map(({ name, array }) => [name, array]));
  }

  return {
    load(weights) {
      session.writeState(
        Object.fromEntries(network.weights.map(({ savedName }) => [savedName, weights[savedName]!.data])),
      );
    },
    outputs: async (inputs) => (await run('outputs', inputs, { outputs: outputCount })).outputs!,
    ...(width === undefined
      ? {}
      : {
          lastLayer: async (inputs: NdArray) => {
            const { features, logits } = await run('lastLayer', inputs, { features: width, logits: outputCount });
            return { features: features!, outputs: logits! };
          },
        }),
    dispose: () => session.dispose(),
  };
}
