import { EngramError } from '@engram/domain';
import type { Variable } from '@tensorflow/tfjs';
import { dtypeNumber } from '../graph/dtypes.js';
import { doneNode, type EmittedProgram, emitProgram } from '../graph/emit-program.js';
import { encodeSavedModel, type NodeDef, shapeMessage } from '../graph/messages.js';
import { reachableNodes } from '../graph/nodes.js';
import { recordProgram, type SessionVariable, sessionVariable } from '../recording/record-program.js';
import type { NativeBackend, TensorFlow } from '../tensorflow/backend.js';
import { asValues, specOf } from './arrays.js';
import { chooseForm } from './choose-form.js';
import type { ProgramReport, SessionSpec, TensorSpec } from './spec.js';

/** A variable as the loaded graph knows it. */
export interface GraphVariable {
  readonly spec: TensorSpec;
  /** Name of the handle's node; its read and write nodes are named after it. */
  readonly handle: string;
}

/** What running a program needs: in order, what to feed and what to fetch. */
export interface GraphProgram {
  readonly feeds: readonly { readonly input: string; readonly spec: TensorSpec; readonly name: string }[];
  readonly fetches: readonly { readonly output: string; readonly name: string }[];
}

/** A session's graph, ready to be loaded, and the values to fill it with, made when they are needed. */
export interface GraphPlan {
  readonly graph: Uint8Array;
  readonly state: ReadonlyMap<string, GraphVariable>;
  readonly programs: ReadonlyMap<string, GraphProgram>;
  readonly reports: Readonly<Record<string, ProgramReport>>;
  readonly initialValues: readonly (readonly [GraphVariable, () => Float32Array | Int32Array])[];
}

export interface PlanOptions {
  readonly tf: TensorFlow;
  readonly backend: NativeBackend;
  readonly device: 'cpu' | 'cuda';
  readonly mode: 'auto' | 'recorded' | 'xla';
}

/** Fetch that makes the variables without an initial value zeros. */
export const initFetch = 'init:0';

/** Records every program of a session and writes them as one graph over one set of variables. */
export function planGraph({ tf, backend, device, mode }: PlanOptions, spec: SessionSpec): GraphPlan {
  let count = 0;
  const captured = new Map<Variable, SessionVariable>();
  const declare = (name: string, of: TensorSpec) => sessionVariable(name, of, count++);
  const state = Object.entries(spec.state ?? {}).map(([name, of]) => declare(name, of));
  const data = Object.entries(spec.data ?? {}).map(([name, array]) => declare(name, specOf(array)));
  const capture = (variable: Variable): SessionVariable => {
    const known = captured.get(variable);
    if (known !== undefined) return known;
    const dtype = variable.dtype === 'int32' ? 'int32' : 'float32';
    const added = sessionVariable(variable.name, { shape: variable.shape, dtype }, count++);
    captured.set(variable, added);
    return added;
  };

  const programs = new Map<string, GraphProgram>();
  const reports: Record<string, ProgramReport> = {};
  const emitted: EmittedProgram[] = [];
  const usedHandles = new Set<string>();
  for (const [name, program] of Object.entries(spec.programs)) {
    const recorded = recordProgram({ tf, backend, program, state, data, capture });
    const updated = [...recorded.updates.keys()].map(({ handle }) => handle);
    const roots = [...recorded.outputs.values(), ...recorded.updates.values()].map(({ node }) => node);
    const nodes = reachableNodes([...roots, ...updated]);
    for (const node of nodes) if (node.op === 'VarHandleOp') usedHandles.add(node.name);
    const { form, why } = chooseForm(nodes, program.mode ?? mode, device);
    const written = emitProgram(recorded, `program_${emitted.length}`, form, { int32OnHost: device === 'cuda' });
    emitted.push(written);
    programs.set(name, {
      feeds: [...recorded.inputs].map(([input, { spec: of }]) => ({
        input,
        spec: of,
        name: written.feeds.get(input)!,
      })),
      fetches: [...written.fetches].map(([output, fetch]) => ({ output, name: fetch })),
    });
    reports[name] = {
      mode: form === 'plain' ? 'recorded' : 'xla',
      why,
      nodes: nodes.length,
      recordMs: recorded.recordMs,
    };
  }

  const usedCaptures = [...captured].filter(([, { handle }]) => usedHandles.has(handle.name));
  const variables = [...state, ...usedCaptures.map(([, variable]) => variable)];
  const named = new Map(variables.map((variable) => [variable.name, graphVariable(variable)]));
  if (named.size !== variables.length) {
    throw new EngramError('ENG_INTERNAL', `two variables of the session ${spec.name} have one name`);
  }
  const initialOf = (name: string) => spec.state![name]!.initial;
  const graph = encodeSavedModel({
    nodes: [
      ...[...variables, ...data].flatMap(variableNodes),
      initNode(state.filter(({ name }) => initialOf(name) === undefined)),
      ...emitted.flatMap(({ nodes }) => nodes),
    ],
    functions: emitted.flatMap(({ functions }) => functions),
  });
  const initialValues: [GraphVariable, () => Float32Array | Int32Array][] = [
    ...data.map((variable): [GraphVariable, () => Float32Array | Int32Array] => [
      graphVariable(variable),
      () => asValues(spec.data![variable.name]!, variable.spec, `data ${variable.name}`),
    ]),
    ...state.flatMap((variable): [GraphVariable, () => Float32Array | Int32Array][] => {
      const initial = initialOf(variable.name);
      if (initial === undefined) return [];
      return [[graphVariable(variable), () => asValues(initial, variable.spec, `initial value of ${variable.name}`)]];
    }),
    ...usedCaptures.map(([variable, of]): [GraphVariable, () => Float32Array | Int32Array] => [
      graphVariable(of),
      () => variable.dataSync() as Float32Array | Int32Array,
    ]),
  ];
  return { graph, state: named, programs, reports, initialValues };
}

function graphVariable({ spec, handle }: SessionVariable): GraphVariable {
  return { spec: { shape: [...spec.shape], dtype: spec.dtype }, handle: handle.name };
}

/** A variable's handle, and the two small programs that read and write it. */
function variableNodes({ handle, spec }: SessionVariable): NodeDef[] {
  const dtype = { type: dtypeNumber(spec.dtype) };
  const shape = { shape: shapeMessage(spec.shape) };
  const name = (part: string) => `${handle.name}/${part}`;
  // Zeros are made in the graph: nothing of a weight's size is ever in the file.
  const zero = { tensor: { dtype: dtype.type, tensorShape: shapeMessage(spec.shape) } };
  return [
    { name: handle.name, op: handle.op, input: [], attr: handle.attr },
    { name: name('read'), op: 'ReadVariableOp', input: [handle.name], attr: { dtype } },
    { name: name('value'), op: 'Placeholder', input: [], attr: { dtype, shape } },
    { name: name('copy'), op: 'DeepCopy', input: [name('value')], attr: { T: dtype } },
    { name: name('write'), op: 'AssignVariableOp', input: [handle.name, name('copy')], attr: { dtype } },
    doneNode(name('written'), [`^${name('write')}`]),
    { name: name('zero'), op: 'Const', input: [], attr: { dtype, value: zero } },
    { name: name('clear'), op: 'AssignVariableOp', input: [handle.name, name('zero')], attr: { dtype } },
  ];
}

function initNode(zeros: readonly SessionVariable[]): NodeDef {
  return doneNode(
    'init',
    zeros.map(({ handle }) => `^${handle.name}/clear`),
  );
}
