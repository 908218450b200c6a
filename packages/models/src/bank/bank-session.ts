import type { NdArray } from '@engram/domain';
import type { Engine, Session } from '@engram/engine';
import { sizeOf } from '../network/initializers.js';
import { bankGraph } from './bank-graph.js';
import { formTable, formTableOf } from './form-images.js';
import type { BankLayout } from './layout.js';
import { evaluationProgram, recordingProgram } from './observation-programs.js';
import type { BankRequest, Labels, ModelWeights } from './request.js';
import { emptyLabels, type StepFeeds } from './step-feeds.js';
import { stepProgram } from './step-program.js';

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
  /** Outputs (models, samples, classes or 1) of the evaluated samples. */
  evaluate(breathe: () => Promise<void>): Promise<NdArray<Float32Array>>;
  /**
   * Outputs of the training inputs and squared norms (models, n) of the gradients of their `recordedLosses`.
   *
   * @param labels for each place of the graph, (n) classes or targets.
   */
  record(
    labels: readonly Labels[],
    breathe: () => Promise<void>,
  ): Promise<{ readonly outputs: NdArray<Float32Array>; readonly squaredNorms: NdArray<Float32Array> }>;
  weights(): ModelWeights[];
  dispose(): void;
}

/** Records the programs of a bank and loads its data; weights come with `start`. */
export function openBankSession(engine: Engine, request: BankRequest<Labels>, layout: BankLayout): BankSession {
  const graph = bankGraph(request, layout);
  const { stack, prefixes, slots } = graph;
  const { network } = request;
  const { modelsPerGraph } = layout;
  const width = sizeOf(network.inputShape);
  const { evaluate, record } = request;
  const samples = request.inputs.shape[0]!;
  const evaluated = evaluate?.inputs.shape[0] ?? 0;
  const evaluationBatch = Math.min(evaluationRows, evaluated);
  const recordingBatch = Math.min(recordingRows, samples);
  const session = engine.session({
    name: 'training bank',
    state: Object.fromEntries(
      prefixes.flatMap((prefix) => Object.entries(graph.unitState).map(([key, spec]) => [prefix + key, spec])),
    ),
    data: {
      inputs: asFloats(request.inputs, [samples, width]),
      ...(request.recipe.augmentation.length === 0 ? {} : { [formTable]: formTableOf(network.inputShape) }),
      ...(evaluate === undefined ? {} : { evaluated: asFloats(evaluate.inputs, [evaluated, width]) }),
    },
    programs: {
      step: stepProgram(graph, 1),
      ...(layout.stepsPerCall > 1 ? { steps: stepProgram(graph, layout.stepsPerCall) } : {}),
      ...(evaluate === undefined ? {} : { evaluate: evaluationProgram(graph, evaluationBatch) }),
      ...(record === undefined ? {} : { record: recordingProgram(graph, recordingBatch) }),
    },
  });

  /** Runs a program over samples 0 … count − 1, the last rows repeated, and joins its outputs along the sample axis. */
  async function overSamples(
    program: string,
    count: number,
    batch: number,
    output: readonly string[],
    breathe: () => Promise<void>,
    labels: readonly Labels[] = [],
  ): Promise<Record<string, NdArray<Float32Array>>> {
    const joined: Record<string, { data: Float32Array; shape: number[] }> = {};
    const indices = new Int32Array(batch);
    for (let start = 0; start < count; start += batch) {
      for (let row = 0; row < batch; row++) indices[row] = Math.min(start + row, count - 1);
      await breathe();
      const taught = emptyLabels(request.labels, labels.length * batch);
      labels.forEach((each, place) => {
        for (let row = 0; row < batch; row++) taught[place * batch + row] = each[indices[row]!]!;
      });
      const outputs = session.run(program, labels.length === 0 ? { indices } : { indices, labels: taught });
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
        for (const [index, prefix] of prefixes.entries())
          session.writeState({ [prefix + weight.savedName]: stack.length > 0 ? concat(parts) : parts[index]! });
      }
      for (const prefix of prefixes)
        for (const [key, { shape, initial }] of Object.entries(slots))
          session.writeState({ [prefix + key]: initial ?? new Float32Array(sizeOf(shape)) });
    },
    step: (feeds, steps) => session.run(steps === 1 ? 'step' : 'steps', { ...feeds }).losses!.data as Float32Array,
    evaluate: async (breathe) =>
      (await overSamples('evaluate', evaluated, evaluationBatch, ['outputs'], breathe)).outputs!,
    record: async (labels, breathe) => {
      const found = await overSamples('record', samples, recordingBatch, ['outputs', 'squaredNorms'], breathe, labels);
      return { outputs: found.outputs!, squaredNorms: found.squaredNorms! };
    },
    weights() {
      const models: Record<string, NdArray<Float32Array>>[] = Array.from({ length: modelsPerGraph }, () => ({}));
      for (const { savedName, shape } of network.weights) {
        const size = sizeOf(shape);
        // One read per variable: a stack's holds the weights of every model.
        for (const [unit, prefix] of prefixes.entries()) {
          const key = prefix + savedName;
          const data = session.readState([key])[key]!.data as Float32Array;
          if (stack.length === 0) models[unit]![savedName] = { data, shape };
          else
            models.forEach((model, place) => {
              model[savedName] = { data: data.slice(place * size, (place + 1) * size), shape };
            });
        }
      }
      return models;
    },
    dispose: () => session.dispose(),
  };
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
