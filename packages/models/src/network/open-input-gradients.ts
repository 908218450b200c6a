import { EngramError, type NdArray } from '@engram/domain';
import type { Engine } from '@engram/engine';
import { recordedLosses, truthOf } from '../bank/sample-losses.js';
import { differentiate } from '../tensors.js';
import { forward } from './forward.js';
import { sizeOf } from './initializers.js';
import type { Network } from './network.js';

const rowsPerRun = 256;

/** A classifier in evaluation mode that tells which way its inputs would have to change. Its weights can be exchanged. */
export interface OpenInputGradients {
  /** Takes these weights, by saved name, in place of those before. */
  load(weights: Readonly<Record<string, NdArray<Float32Array>>>): void;
  /**
   * @param inputs (n, …input shape) laid out flat.
   * @param labels (n) classes.
   * @returns logits (n, classes), and gradients (n, …input shape) of the logit-scaled confidence log p_y - log(1 - p_y) by
   *   the inputs, nats per unit of the input: those of the loss are minus these times 1 - p_y.
   */
  ask(
    inputs: Float32Array,
    labels: Int32Array,
  ): Promise<{ readonly logits: NdArray<Float32Array>; readonly gradients: Float32Array }>;
  dispose(): void;
}

/**
 * Opens a network on the engine for its gradients by the inputs. Its weights are 0 until they are loaded.
 *
 * @throws ENG_INTERNAL the network is a regression, which has no classes to be confident in.
 */
export function openInputGradients(engine: Engine, network: Network): OpenInputGradients {
  const { task, inputShape, outputCount } = network;
  if (task !== 'classification')
    throw new EngramError('ENG_INTERNAL', 'the confidence of a regression has no gradient by the inputs');
  const width = sizeOf(inputShape);
  const session = engine.session({
    name: 'input gradients',
    state: Object.fromEntries(
      network.weights.map(({ savedName, shape }) => [savedName, { shape, dtype: 'float32' as const }]),
    ),
    programs: {
      ask: {
        inputs: {
          x: { shape: [rowsPerRun, ...inputShape], dtype: 'float32' },
          labels: { shape: [rowsPerRun], dtype: 'int32' },
        },
        run: ({ tf, state, inputs }) => {
          const lead = [rowsPerRun];
          const truth = truthOf(tf, network, inputs.labels!, lead);
          const { gradients, aside } = differentiate(tf, [inputs.x!], ([x]) => {
            const logits = forward(network, { tf, lead }, state, x!);
            // Rows do not meet in evaluation mode: the sum's gradient holds each row's own.
            return { loss: tf.sum(recordedLosses(tf, task, logits, truth)), aside: [logits] };
          });
          return { outputs: { logits: aside[0]!, gradients: tf.neg(gradients[0]!) } };
        },
      },
    },
  });
  return {
    load(weights) {
      session.writeState(
        Object.fromEntries(network.weights.map(({ savedName }) => [savedName, weights[savedName]!.data])),
      );
    },
    async ask(inputs, labels) {
      const count = labels.length;
      const logits = new Float32Array(count * outputCount);
      const gradients = new Float32Array(count * width);
      const x = new Float32Array(rowsPerRun * width);
      const taught = new Int32Array(rowsPerRun);
      for (let start = 0; start < count; start += rowsPerRun) {
        const size = Math.min(rowsPerRun, count - start);
        // What is left of an earlier, fuller batch is computed and ignored.
        x.set(inputs.subarray(start * width, (start + size) * width));
        taught.set(labels.subarray(start, start + size));
        const found = session.run('ask', { x, labels: taught });
        logits.set((found.logits!.data as Float32Array).subarray(0, size * outputCount), start * outputCount);
        gradients.set((found.gradients!.data as Float32Array).subarray(0, size * width), start * width);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return { logits: { data: logits, shape: [count, outputCount] }, gradients };
    },
    dispose: () => session.dispose(),
  };
}
