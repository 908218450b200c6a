import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EngramError, type NdArray } from '@engram/domain';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import { dtypeNumber } from '../graph/dtypes.js';
import { doneNode, type EmittedProgram, emitProgram } from '../graph/emit-program.js';
import { encodeSavedModel, type NodeDef, shapeMessage } from '../graph/messages.js';
import { reachableNodes } from '../graph/nodes.js';
import {
  type RecordedProgram,
  recordProgram,
  type SessionVariable,
  seedInput,
  sessionVariable,
} from '../recording/record-program.js';
import type { NativeBackend, TensorFlow } from '../tensorflow/backend.js';
import { arrayOf, asValues, specOf, tensorOf } from './arrays.js';
import { chooseForm } from './choose-form.js';
import { deviceFailure } from './device-failure.js';
import { missingInput, seedOf, unknownProgram, unknownVariable } from './faults.js';
import type { ArrayInput, ProgramReport, Session, SessionSpec, TensorSpec } from './spec.js';

interface LoadedProgram {
  readonly recorded: RecordedProgram;
  readonly emitted: EmittedProgram;
}

/** Records every program of the session, loads them as one TensorFlow graph, and fills its variables. */
export function openGraphSession(
  options: {
    tf: TensorFlow;
    backend: NativeBackend;
    device: 'cpu' | 'cuda';
    mode: 'auto' | 'recorded' | 'xla';
    scratchDir: string;
  },
  spec: SessionSpec,
): Session {
  const { tf, backend } = options;
  let variableCount = 0;
  const captured = new Map<Variable, SessionVariable>();
  const declare = (name: string, of: TensorSpec) => sessionVariable(name, of, variableCount++);
  const state = Object.entries(spec.state ?? {}).map(([name, of]) => declare(name, of));
  const data = Object.entries(spec.data ?? {}).map(([name, array]) => declare(name, specOf(array)));
  function capture(variable: Variable): SessionVariable {
    let known = captured.get(variable);
    if (known === undefined) {
      const of = {
        shape: variable.shape,
        dtype: variable.dtype === 'int32' ? ('int32' as const) : ('float32' as const),
      };
      known = sessionVariable(variable.name, of, variableCount++, variable);
      captured.set(variable, known);
    }
    return known;
  }

  const programs = new Map<string, LoadedProgram>();
  const reports: Record<string, ProgramReport> = {};
  const usedHandles = new Set<string>();
  Object.entries(spec.programs).forEach(([name, program], index) => {
    const recorded = recordProgram({ tf, backend, program, state, data, capture });
    const roots = [...recorded.outputs.values(), ...recorded.updates.values()].map((output) => output.node);
    const nodes = reachableNodes([...roots, ...[...recorded.updates.keys()].map((variable) => variable.handle)]);
    for (const node of nodes) if (node.op === 'VarHandleOp') usedHandles.add(node.name);
    const asked = program.mode ?? options.mode;
    const { form, why } = chooseForm(nodes, asked, options.device);
    const emitted = emitProgram(recorded, `program_${index}`, form);
    programs.set(name, { recorded, emitted });
    reports[name] = {
      mode: form === 'plain' ? 'recorded' : 'xla',
      why,
      nodes: nodes.length,
      recordMs: recorded.recordMs,
    };
  });

  const usedCaptures = [...captured.values()].filter((variable) => usedHandles.has(variable.handle.name));
  const variables = new Map([...state, ...usedCaptures].map((variable) => [variable.name, variable]));
  if (variables.size !== state.length + usedCaptures.length) {
    throw new EngramError('ENG_INTERNAL', `two variables of the session ${spec.name} have one name`);
  }
  const all = [...variables.values(), ...data];
  const graph = encodeSavedModel({
    nodes: [
      ...all.flatMap(variableNodes),
      initNode(state),
      ...[...programs.values()].flatMap(({ emitted }) => emitted.nodes),
    ],
    functions: [...programs.values()].flatMap(({ emitted }) => emitted.functions),
  });
  const loadStartedMs = performance.now();
  let sessionId: number | undefined = loadGraph(backend, graph, options.scratchDir);

  function call(feeds: readonly string[], inputs: Tensor[], fetches: readonly string[]): NdArray[] {
    if (sessionId === undefined) throw new EngramError('ENG_INTERNAL', `the session ${spec.name} is disposed`);
    let outputs: Tensor[] = [];
    try {
      outputs = backend.runSavedModel(
        sessionId,
        inputs,
        feeds.map((name) => ({ name })),
        [...fetches],
      );
      return outputs.map(arrayOf);
    } catch (error) {
      throw deviceFailure(error, spec.name);
    } finally {
      for (const tensor of [...inputs, ...outputs]) tensor.dispose();
    }
  }
  function write(variable: SessionVariable, values: Float32Array | Int32Array): void {
    call(
      [`${variable.handle.name}/value:0`],
      [tensorOf(tf, values, variable.spec)],
      [`${variable.handle.name}/written:0`],
    );
  }
  function find(name: string): SessionVariable {
    const variable = variables.get(name);
    if (variable === undefined) throw unknownVariable(name, spec.name, [...variables.keys()]);
    return variable;
  }

  call([], [], ['init:0']);
  for (const variable of data) write(variable, asValues(spec.data![variable.name]!, variable.spec, variable.name));
  for (const variable of state) {
    const initial = spec.state![variable.name]!.initial;
    if (initial !== undefined) write(variable, asValues(initial, variable.spec, variable.name));
  }
  for (const variable of usedCaptures) write(variable, variable.captured!.dataSync() as Float32Array | Int32Array);
  const loadMs = performance.now() - loadStartedMs;
  const seed = seedOf(spec);

  return {
    name: spec.name,
    report: { programs: reports, loadMs, graphBytes: graph.byteLength },
    stateNames: [...variables.keys()],
    run(name, inputs = {}, runOptions = {}) {
      const program = programs.get(name);
      if (program === undefined) throw unknownProgram(name, spec);
      const feeds: string[] = [];
      const tensors: Tensor[] = [];
      const values: { values: Float32Array | Int32Array; spec: TensorSpec }[] = [];
      const runSeed = seed.next(runOptions.seed);
      for (const [input, { spec: inputSpec }] of program.recorded.inputs) {
        const value: ArrayInput | undefined = input === seedInput ? runSeed : inputs[input];
        if (value === undefined) throw missingInput(name, input);
        values.push({ values: asValues(value, inputSpec, `input ${input} of ${name}`), spec: inputSpec });
        feeds.push(program.emitted.feeds.get(input)!);
      }
      for (const { values: typed, spec: inputSpec } of values) tensors.push(tensorOf(tf, typed, inputSpec));
      const names = [...program.emitted.fetches.keys()];
      const arrays = call(feeds, tensors, [...program.emitted.fetches.values()]);
      return Object.fromEntries(
        names.map((output, index) => [output, arrays[index]!]).filter(([output]) => output !== ''),
      );
    },
    readState(names = [...variables.keys()]) {
      return Object.fromEntries(names.map((name) => [name, call([], [], [`${find(name).handle.name}/read:0`])[0]!]));
    },
    writeState(values) {
      for (const [name, value] of Object.entries(values)) {
        const variable = find(name);
        write(variable, asValues(value, variable.spec, `variable ${name}`));
      }
    },
    dispose() {
      if (sessionId === undefined) return;
      backend.deleteSavedModel(sessionId);
      sessionId = undefined;
    },
  };
}

/** A variable's handle, and the two small programs that read and write it. */
function variableNodes({ handle, spec }: SessionVariable): NodeDef[] {
  const dtype = { type: dtypeNumber(spec.dtype) };
  const shape = { shape: shapeMessage(spec.shape) };
  const name = (part: string) => `${handle.name}/${part}`;
  return [
    { name: handle.name, op: handle.op, input: [], attr: handle.attr },
    { name: name('read'), op: 'ReadVariableOp', input: [handle.name], attr: { dtype } },
    { name: name('value'), op: 'Placeholder', input: [], attr: { dtype, shape } },
    { name: name('copy'), op: 'DeepCopy', input: [name('value')], attr: { T: dtype } },
    { name: name('write'), op: 'AssignVariableOp', input: [handle.name, name('copy')], attr: { dtype } },
    doneNode(name('written'), [`^${name('write')}`]),
    ...zeroNodes(handle.name, spec, dtype),
  ];
}

/** Zeros are made in the graph: nothing of a weight's size is ever in the file. */
function zeroNodes(handle: string, spec: TensorSpec, dtype: { readonly type: number }): NodeDef[] {
  const value = { dtype: dtype.type, tensorShape: shapeMessage(spec.shape) };
  return [
    { name: `${handle}/zero`, op: 'Const', input: [], attr: { dtype, value: { tensor: value } } },
    { name: `${handle}/clear`, op: 'AssignVariableOp', input: [handle, `${handle}/zero`], attr: { dtype } },
  ];
}

function initNode(state: readonly SessionVariable[]): NodeDef {
  return doneNode(
    'init',
    state.map(({ handle }) => `^${handle.name}/clear`),
  );
}

/** Loads the graph from a folder of its own, which is gone afterwards: TensorFlow takes graphs from files only. */
function loadGraph(backend: NativeBackend, graph: Uint8Array, scratchDir: string): number {
  const folder = mkdtempSync(join(scratchDir, 'engram-graph-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), graph);
    return backend.loadSavedModelMetaGraph(folder, 'serve');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
