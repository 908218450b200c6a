import type { NdArray } from '@engram/domain';
import type { Engine, Program, ProgramContext, Random, Session, StateSpec } from '@engram/engine';
import { forward, perSampleGradients } from '../network/forward.js';
import { sizeOf } from '../network/initializers.js';
import type { Network } from '../network/network.js';
import type { Tensor, Tf } from '../tensors.js';
import { slotState } from './apply-gradients.js';
import type { BankRequest, ModelWeights } from './request.js';
import { crossEntropy, stepUnit, trainedWeights, type Unit } from './unit.js';

/** How a bank is laid out in a graph. */
export interface BankLayout {
  /** Models that train side by side in one graph. */
  readonly modelsPerGraph: number;
  /** Stacked along a leading model axis; otherwise written out one after another. */
  readonly stacked: boolean;
  readonly stepsPerCall: number;
  /** Overrides the engine's choice for the step programs. */
  readonly mode?: 'recorded' | 'xla';
}

/** What one call of the step program is fed; arrays are (steps, models) in row-major order. */
export interface StepFeeds {
  /** (steps, models, batch) */
  readonly indices: Int32Array;
  /** Real samples of each batch. */
  readonly counts: Int32Array;
  readonly learningRates: Float32Array;
  /** (steps, models, 2) */
  readonly dropoutSeeds: Int32Array;
  readonly noiseSeeds: Int32Array;
  /** (models) */
  readonly noiseStd: Float32Array;
  readonly clip: Float32Array;
}

/** Rows per call of the evaluation and recording programs. */
const evaluationRows = 256;
const recordingRows = 128;

/** The programs of a bank over one set of variables: reused for one group of models after another. */
export interface BankSession {
  readonly session: Session;
  /** Loads weights for each place of the graph and clears the optimizer. */
  start(models: readonly ModelWeights[]): void;
  /** Runs `stepsPerCall` steps, or one; returns the losses (steps, models). */
  step(feeds: StepFeeds, steps: number): Float32Array;
  /** Logits (models, samples, classes) of the evaluated samples. */
  evaluate(breathe: () => Promise<void>): Promise<NdArray<Float32Array>>;
  /** Logits and squared per-sample gradient norms (models, n) of the training inputs. */
  record(
    breathe: () => Promise<void>,
  ): Promise<{ readonly logits: NdArray<Float32Array>; readonly squaredNorms: NdArray<Float32Array> }>;
  weights(): ModelWeights[];
  dispose(): void;
}

export function openBankSession(engine: Engine, request: BankRequest, layout: BankLayout): BankSession {
  const { network, recipe } = request;
  const { modelsPerGraph, stacked } = layout;
  const stack = stacked ? [modelsPerGraph] : [];
  const units = stacked ? [''] : Array.from({ length: modelsPerGraph }, (_, index) => `${index}/`);
  const hasDropout = usesRandomness(network);
  const hasNoise = request.models.some((model) => model.noise !== undefined);
  const width = sizeOf(network.inputShape);

  const slots = slotState(recipe, trainedWeights(network), stack);
  const weightState = Object.fromEntries(
    network.weights.map(({ savedName, shape }) => [
      savedName,
      { shape: [...stack, ...shape], dtype: 'float32' as const },
    ]),
  );
  const unitState: Readonly<Record<string, StateSpec>> = { ...weightState, ...slots };

  const unitOf = (state: Readonly<Record<string, Tensor>>, prefix: string): Unit => ({
    models: stack,
    state: Object.fromEntries(Object.keys(unitState).map((key) => [key, state[prefix + key]!])),
  });

  /** Rows of a table of samples as (…lead, …input shape). */
  function rows({ tf }: ProgramContext, table: Tensor, indices: Tensor, lead: readonly number[]): Tensor {
    const flat = tf.gather(table, tf.reshape(indices, [sizeOf(indices.shape)]));
    return tf.reshape(flat, [...lead, ...network.inputShape]);
  }

  /** The same rows for every model of a stack. */
  const repeated = (tf: Tf, x: Tensor) =>
    tf.tile(tf.reshape(x, [1, ...x.shape]), [modelsPerGraph, ...x.shape.map(() => 1)]);

  function stepProgram(steps: number): Program {
    const batch = recipe.batchSize;
    const perStep = [steps, modelsPerGraph];
    return {
      ...(layout.mode === undefined ? {} : { mode: layout.mode }),
      inputs: {
        indices: { shape: [...perStep, batch], dtype: 'int32' },
        counts: { shape: perStep, dtype: 'int32' },
        learningRates: { shape: perStep, dtype: 'float32' },
        ...(hasDropout ? { dropoutSeeds: { shape: [...perStep, 2], dtype: 'int32' } as const } : {}),
        ...(hasNoise
          ? ({
              noiseSeeds: { shape: [...perStep, 2], dtype: 'int32' },
              noiseStd: { shape: [modelsPerGraph], dtype: 'float32' },
              clip: { shape: [modelsPerGraph], dtype: 'float32' },
            } as const)
          : {}),
      },
      run(context) {
        const { tf, data, inputs, random } = context;
        const state: Record<string, Tensor> = { ...context.state };
        const losses: Tensor[] = [];
        // One entry of a (steps, models, …) input: of all models when stacked, else of one.
        const at = (name: string, step: number, model: number) => {
          const [, , ...rest] = inputs[name]!.shape;
          const size = stacked ? modelsPerGraph : 1;
          const part = tf.slice(inputs[name]!, [step, model, ...rest.map(() => 0)], [1, size, ...rest]);
          return tf.reshape(part, [...stack, ...rest]);
        };
        const ofModel = (name: string, model: number) =>
          stacked ? inputs[name]! : tf.reshape(tf.slice(inputs[name]!, [model], [1]), []);
        const streams = (name: string, step: number, model: number): Random[] =>
          (stacked ? Array.from({ length: modelsPerGraph }, (_, index) => index) : [model]).map((index) =>
            random.from(tf.reshape(tf.slice(inputs[name]!, [step, index, 0], [1, 1, 2]), [2])),
          );
        const positions = tf.range(0, batch, 1, 'int32');
        for (let step = 0; step < steps; step++) {
          units.forEach((prefix, model) => {
            const lead = [...stack, batch];
            const indices = at('indices', step, model);
            const labels = tf.gather(data.labels!, tf.reshape(indices, [sizeOf(lead)]));
            const oneHot = tf.reshape(tf.cast(tf.oneHot(labels, network.classCount), 'float32'), [
              ...lead,
              network.classCount,
            ]);
            const { state: next, loss } = stepUnit(
              {
                tf,
                network,
                recipe,
                x: rows(context, data.inputs!, indices, lead),
                oneHot,
                sampleWeights: tf.cast(
                  tf.less(positions, tf.reshape(at('counts', step, model), [...stack, 1])),
                  'float32',
                ),
                learningRate: at('learningRates', step, model),
                ...(hasDropout ? { dropout: streams('dropoutSeeds', step, model) } : {}),
                ...(hasNoise
                  ? {
                      noise: {
                        streams: streams('noiseSeeds', step, model),
                        std: ofModel('noiseStd', model),
                        clip: ofModel('clip', model),
                      },
                    }
                  : {}),
              },
              unitOf(state, prefix),
            );
            for (const [key, value] of Object.entries(next)) state[prefix + key] = value;
            losses.push(loss);
          });
        }
        return { state, outputs: { losses: tf.reshape(tf.stack(losses), [steps, modelsPerGraph]) } };
      },
    };
  }

  const evaluationProgram = (count: number): Program => ({
    inputs: { indices: { shape: [count], dtype: 'int32' } },
    run(context) {
      const { tf, data, inputs, state } = context;
      const x = rows(context, data.evaluated!, inputs.indices!, [count]);
      const logits = units.map((prefix) => {
        const shared = stacked ? repeated(tf, x) : x;
        return forward(network, { tf, lead: [...stack, count] }, unitOf(state, prefix).state, shared);
      });
      return { outputs: { logits: tf.reshape(tf.stack(logits), [modelsPerGraph, count, network.classCount]) } };
    },
  });

  const recordingProgram = (count: number): Program => ({
    inputs: { indices: { shape: [count], dtype: 'int32' } },
    run(context) {
      const { tf, data, inputs, state } = context;
      const x = rows(context, data.inputs!, inputs.indices!, [count]);
      const oneHot = tf.cast(tf.oneHot(tf.gather(data.labels!, inputs.indices!), network.classCount), 'float32');
      const found = units.map((prefix) => {
        const shared = stacked ? repeated(tf, x) : x;
        return perSampleGradients(
          network,
          { tf, lead: [...stack, count] },
          unitOf(state, prefix).state,
          shared,
          (logits) => crossEntropy(tf, logits, oneHot),
        );
      });
      return {
        outputs: {
          logits: tf.reshape(tf.stack(found.map((each) => each.logits)), [modelsPerGraph, count, network.classCount]),
          squaredNorms: tf.reshape(tf.stack(found.map((each) => each.squaredNorms)), [modelsPerGraph, count]),
        },
      };
    },
  });

  const { evaluate, record } = request;
  const samples = request.inputs.shape[0]!;
  const evaluated = evaluate?.inputs.shape[0] ?? 0;
  const evaluationBatch = Math.min(evaluationRows, evaluated);
  const recordingBatch = Math.min(recordingRows, samples);
  const session = engine.session({
    name: 'training bank',
    state: Object.fromEntries(
      units.flatMap((prefix) => Object.entries(unitState).map(([key, spec]) => [prefix + key, spec])),
    ),
    data: {
      inputs: asFloats(request.inputs, [samples, width]),
      labels: { data: request.labels, shape: [samples] },
      ...(evaluate === undefined ? {} : { evaluated: asFloats(evaluate.inputs, [evaluated, width]) }),
    },
    programs: {
      step: stepProgram(1),
      ...(layout.stepsPerCall > 1 ? { steps: stepProgram(layout.stepsPerCall) } : {}),
      ...(evaluate === undefined ? {} : { evaluate: evaluationProgram(evaluationBatch) }),
      ...(record === undefined ? {} : { record: recordingProgram(recordingBatch) }),
    },
  });

  /** Runs a program over samples 0 … count − 1, the last rows repeated, and joins its outputs along the sample axis. */
  async function overSamples(
    program: string,
    count: number,
    batch: number,
    output: readonly string[],
    breathe: () => Promise<void>,
  ): Promise<Record<string, NdArray<Float32Array>>> {
    const joined: Record<string, { data: Float32Array; shape: number[] }> = {};
    const indices = new Int32Array(batch);
    for (let start = 0; start < count; start += batch) {
      for (let row = 0; row < batch; row++) indices[row] = Math.min(start + row, count - 1);
      await breathe();
      const outputs = session.run(program, { indices });
      const size = Math.min(batch, count - start);
      for (const name of output) {
        const { data, shape } = outputs[name]!;
        const rowSize = sizeOf(shape.slice(2));
        joined[name] ??= {
          data: new Float32Array(modelsPerGraph * count * rowSize),
          shape: [modelsPerGraph, count, ...shape.slice(2)],
        };
        for (let model = 0; model < modelsPerGraph; model++)
          joined[name].data.set(
            (data as Float32Array).subarray(model * batch * rowSize, (model * batch + size) * rowSize),
            (model * count + start) * rowSize,
          );
      }
    }
    return joined;
  }

  return {
    session,
    start(models) {
      for (const weight of network.weights) {
        const parts = models.map((model) => model[weight.savedName]!.data);
        for (const [index, prefix] of units.entries())
          session.writeState({ [prefix + weight.savedName]: stacked ? concat(parts) : parts[index]! });
      }
      for (const prefix of units)
        for (const [key, { shape, initial }] of Object.entries(slots))
          session.writeState({ [prefix + key]: initial ?? new Float32Array(sizeOf(shape)) });
    },
    step: (feeds, steps) => session.run(steps === 1 ? 'step' : 'steps', { ...feeds }).losses!.data as Float32Array,
    evaluate: async (breathe) =>
      (await overSamples('evaluate', evaluated, evaluationBatch, ['logits'], breathe)).logits!,
    record: async (breathe) => {
      const outputs = await overSamples('record', samples, recordingBatch, ['logits', 'squaredNorms'], breathe);
      return { logits: outputs.logits!, squaredNorms: outputs.squaredNorms! };
    },
    weights: () =>
      Array.from({ length: modelsPerGraph }, (_, model) =>
        Object.fromEntries(
          network.weights.map(({ savedName, shape }) => {
            const key = (stacked ? '' : units[model]!) + savedName;
            const { data } = session.readState([key])[key]!;
            const size = sizeOf(shape);
            return [
              savedName,
              {
                data: (data as Float32Array).slice(stacked ? model * size : 0, (stacked ? model + 1 : 1) * size),
                shape,
              },
            ];
          }),
        ),
      ),
    dispose: () => session.dispose(),
  };
}

function usesRandomness(network: Network): boolean {
  return network.nodes.some((node) => node.layer.random === true);
}

function asFloats({ data }: NdArray, shape: readonly number[]): NdArray<Float32Array> {
  return { data: data instanceof Float32Array ? data : Float32Array.from(data), shape };
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
