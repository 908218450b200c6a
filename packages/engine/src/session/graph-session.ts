import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EngramError, type NdArray } from '@engram/domain';
import type { Tensor } from '@tensorflow/tfjs';
import { seedInput } from '../recording/record-program.js';
import type { NativeBackend, TensorFlow } from '../tensorflow/backend.js';
import { arrayOf, asValues, tensorOf } from './arrays.js';
import { deviceFailure } from './device-failure.js';
import { missingInput, unknownProgram, unknownVariable } from './faults.js';
import { type GraphPlan, type GraphVariable, initFetch, type PlanOptions, planGraph } from './plan-graph.js';
import { type SeedSequence, seedSequence } from './seed-sequence.js';
import type { Session, SessionSpec } from './spec.js';

/** Records every program of the session, loads them as one TensorFlow graph, and fills its variables. */
export function openGraphSession(options: PlanOptions & { readonly scratchDir: string }, spec: SessionSpec): Session {
  const plan = planGraph(options, spec);
  const startedMs = performance.now();
  const graph = new LoadedGraph(spec.name, options, plan.graph, options.scratchDir);
  try {
    graph.call([], [], [initFetch]);
    for (const [variable, values] of plan.initialValues) graph.write(variable, values());
  } catch (error) {
    graph.dispose();
    throw error;
  }
  // Nothing of the specification is handed on: a session must not hold the arrays it was filled from.
  return sessionOver(graph, plan, seedSequence(spec.seed), performance.now() - startedMs);
}

function sessionOver(
  graph: LoadedGraph,
  { state, programs, reports, graph: { byteLength: graphBytes } }: Omit<GraphPlan, 'initialValues'>,
  seeds: SeedSequence,
  loadMs: number,
): Session {
  const find = (name: string): GraphVariable => {
    const variable = state.get(name);
    if (variable === undefined) throw unknownVariable(name, graph.name, [...state.keys()]);
    return variable;
  };
  return {
    name: graph.name,
    report: { programs: reports, loadMs, graphBytes },
    stateNames: [...state.keys()],
    run(name, inputs = {}, options = {}) {
      const program = programs.get(name);
      if (program === undefined) throw unknownProgram(name, graph.name, [...programs.keys()]);
      const seed = seeds.next(options.seed);
      const values = program.feeds.map(({ input, spec }) => {
        const value = input === seedInput ? seed : inputs[input];
        if (value === undefined) throw missingInput(name, input);
        return asValues(value, spec, `input ${input} of ${name}`);
      });
      const tensors = values.map((value, i) => tensorOf(graph.tf, value, program.feeds[i]!.spec));
      const arrays = graph.call(
        program.feeds,
        tensors,
        program.fetches.map((fetch) => fetch.name),
      );
      const outputs: Record<string, NdArray> = {};
      program.fetches.forEach(({ output }, i) => {
        if (output !== '') outputs[output] = arrays[i]!;
      });
      return outputs;
    },
    readState(names = [...state.keys()]) {
      return Object.fromEntries(names.map((name) => [name, graph.read(find(name))]));
    },
    writeState(values) {
      for (const [name, value] of Object.entries(values)) {
        const variable = find(name);
        graph.write(variable, asValues(value, variable.spec, `variable ${name}`));
      }
    },
    dispose: () => graph.dispose(),
  };
}

/** A graph in TensorFlow: what can be called until it is disposed. */
class LoadedGraph {
  readonly name: string;
  readonly tf: TensorFlow;
  readonly #backend: NativeBackend;
  #id: number | undefined;

  /** Goes through a folder of its own, which is gone afterwards: TensorFlow takes graphs from files only. */
  constructor(name: string, { tf, backend }: PlanOptions, graph: Uint8Array, scratchDir: string) {
    this.name = name;
    this.tf = tf;
    this.#backend = backend;
    const folder = mkdtempSync(join(scratchDir, 'engram-graph-'));
    try {
      writeFileSync(join(folder, 'saved_model.pb'), graph);
      this.#id = backend.loadSavedModelMetaGraph(folder, 'serve');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** One call of TensorFlow's session. Disposes the inputs. */
  call(feeds: readonly { readonly name: string }[], inputs: Tensor[], fetches: string[]): NdArray[] {
    if (this.#id === undefined) throw new EngramError('ENG_INTERNAL', `the session ${this.name} is disposed`);
    let outputs: Tensor[] = [];
    try {
      outputs = this.#backend.runSavedModel(this.#id, inputs, feeds as { name: string }[], fetches);
      return outputs.map(arrayOf);
    } catch (error) {
      throw deviceFailure(error, this.name);
    } finally {
      for (const tensor of [...inputs, ...outputs]) tensor.dispose();
    }
  }

  read({ handle }: GraphVariable): NdArray {
    return this.call([], [], [`${handle}/read:0`])[0]!;
  }

  write({ handle, spec }: GraphVariable, values: Float32Array | Int32Array): void {
    this.call([{ name: `${handle}/value:0` }], [tensorOf(this.tf, values, spec)], [`${handle}/written:0`]);
  }

  dispose(): void {
    if (this.#id === undefined) return;
    this.#backend.deleteSavedModel(this.#id);
    this.#id = undefined;
  }
}
