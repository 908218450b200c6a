import type { Tensor, Variable } from '@tensorflow/tfjs';
import { dtypeNumber } from '../graph/dtypes.js';
import { shapeMessage, stringAttr } from '../graph/messages.js';
import { type GraphNode, type NodeOutput, reachableNodes } from '../graph/nodes.js';
import { randomFrom } from '../random/random.js';
import { asValues, sizeOf } from '../session/arrays.js';
import type { Program, ProgramContext, TensorSpec } from '../session/spec.js';
import type { NativeBackend, TensorFlow } from '../tensorflow/backend.js';
import { inScope } from '../tensorflow/scope.js';
import { notRecordable } from './not-recordable.js';
import { Recorder } from './recorder.js';

/** The input every program with randomness has beside its own. */
export const seedInput = 'engram_seed';
const seedSpec: TensorSpec = { shape: [2], dtype: 'int32' };

/** A variable of the session, shared by its programs: one handle node for all of them. */
export interface SessionVariable {
  readonly name: string;
  readonly spec: TensorSpec;
  readonly handle: GraphNode;
}

export interface RecordedProgram {
  /** Placeholders by input name, the seed among them when the program draws random numbers. */
  readonly inputs: ReadonlyMap<string, { readonly node: GraphNode; readonly spec: TensorSpec }>;
  readonly outputs: ReadonlyMap<string, NodeOutput>;
  /** Next values by variable. */
  readonly updates: ReadonlyMap<SessionVariable, NodeOutput>;
  /** The read of each variable: an update must wait for it. */
  readonly reads: ReadonlyMap<SessionVariable, GraphNode>;
  readonly recordMs: number;
}

export function sessionVariable(name: string, spec: TensorSpec, index: number): SessionVariable {
  const handle: GraphNode = {
    name: `variable_${index}`,
    op: 'VarHandleOp',
    attr: {
      dtype: { type: dtypeNumber(spec.dtype) },
      shape: { shape: shapeMessage(spec.shape) },
      container: stringAttr(''),
      shared_name: stringAttr(`variable_${index}`),
    },
    inputs: [],
    controls: [],
    outputs: [{ shape: [], dtype: dtypeNumber('resource') }],
  };
  return { name, spec, handle };
}

/**
 * Runs a program once on zeros and returns it as graph nodes.
 *
 * @param state the declared variables; @param captured finds or makes the session variable of a `tf.Variable`.
 * @throws ENG_PROGRAM_NOT_RECORDABLE the program does what a recording would freeze; the message says what.
 */
export function recordProgram(options: {
  tf: TensorFlow;
  backend: NativeBackend;
  program: Program;
  state: readonly SessionVariable[];
  data: readonly SessionVariable[];
  capture: (variable: Variable) => SessionVariable;
}): RecordedProgram {
  const { tf, backend, program, state, data, capture } = options;
  const startedMs = performance.now();
  const recorder = new Recorder(backend);
  const reads = new Map<SessionVariable, GraphNode>();
  const inputs = new Map<string, { node: GraphNode; spec: TensorSpec }>();
  const registered = () => Object.values(tf.engine().registeredVariables) as Variable[];
  const before = registered();
  const held = new Map(before.map((variable) => [variable, tf.keep(variable.clone())]));

  function bindRead(variable: SessionVariable, tensor: Tensor): void {
    const dtype = dtypeNumber(variable.spec.dtype);
    const node = recorder.node(
      'ReadVariableOp',
      { dtype: { type: dtype } },
      [{ node: variable.handle, index: 0 }],
      [{ shape: variable.spec.shape, dtype }],
    );
    reads.set(variable, node);
    recorder.bind(tensor, { node, index: 0 });
  }
  function bindInput(name: string, spec: TensorSpec): Tensor {
    const tensor = zeros(tf, spec);
    const dtype = dtypeNumber(spec.dtype);
    const node = recorder.node(
      'Placeholder',
      { dtype: { type: dtype }, shape: { shape: shapeMessage(spec.shape) } },
      [],
      [{ shape: spec.shape, dtype }],
      `input_${inputs.size}`,
    );
    inputs.set(name, { node, spec });
    recorder.bind(tensor, { node, index: 0 });
    return tensor;
  }
  function bindAll(variables: readonly SessionVariable[]): Record<string, Tensor> {
    return Object.fromEntries(
      variables.map((variable) => {
        const tensor = zeros(tf, variable.spec);
        bindRead(variable, tensor);
        return [variable.name, tensor];
      }),
    );
  }

  try {
    return inScope(tf, () => {
      const boundState = bindAll(state);
      const boundData = bindAll(data);
      const boundInputs = Object.fromEntries(
        Object.entries(program.inputs).map(([name, spec]) => [name, bindInput(name, spec)]),
      );
      const variables = new Map(
        before.map((variable) => {
          const of = capture(variable);
          bindRead(of, variable);
          return [variable, of] as const;
        }),
      );
      const seed = bindInput(seedInput, seedSpec);
      const context: ProgramContext = {
        tf,
        state: boundState,
        data: boundData,
        inputs: boundInputs,
        random: randomFrom(tf, backend, seed),
        constant(values, shape, dtype = 'float32') {
          const tensor = tf.tensor(asValues(values, { shape, dtype }, 'the constant'), [...shape], dtype);
          recorder.declareConstant(tensor);
          return tensor;
        },
      };
      const result = recorder.during(() => program.run(context));

      const known = new Set(before);
      const created = registered().filter((variable) => !known.has(variable));
      if (created.length > 0) {
        for (const variable of created) variable.dispose();
        throw notRecordable(
          `the program creates ${created.length} variables, among them ${JSON.stringify(created[0]!.name)}`,
          'Build the model and its optimizer slots (`prepareOptimizer`) before the session is made.',
        );
      }
      const outputs = new Map(
        Object.entries(result.outputs ?? {}).map(([name, tensor]) => [name, recorder.outputOf(tensor)]),
      );
      const updates = new Map<SessionVariable, NodeOutput>();
      for (const [name, tensor] of Object.entries(result.state ?? {})) {
        const variable = state.find((candidate) => candidate.name === name);
        if (variable === undefined) throw unknownState(name, state);
        checkNext(variable, tensor);
        updates.set(variable, recorder.outputOf(tensor));
      }
      for (const [variable, of] of variables) {
        if (variable.dataId !== held.get(variable)!.dataId) {
          updates.set(of, recorder.outputOf(variable));
        }
      }
      const used = reachableNodes([...outputs.values(), ...updates.values()].map((output) => output.node));
      if (!used.includes(inputs.get(seedInput)!.node)) inputs.delete(seedInput);
      return { inputs, outputs, updates, reads, recordMs: performance.now() - startedMs };
    });
  } finally {
    for (const [variable, value] of held) {
      if (!variable.isDisposed && variable.dataId !== value.dataId) variable.assign(value);
      value.dispose();
    }
  }
}

/** Made by the device, not in JavaScript: an unwritten page costs nothing. */
function zeros(tf: TensorFlow, { shape, dtype }: TensorSpec): Tensor {
  return sizeOf(shape) === 0 ? tf.tensor([], [...shape], dtype) : tf.fill([...shape], 0, dtype);
}

function checkNext(variable: SessionVariable, tensor: Tensor): void {
  const { spec, name } = variable;
  if (tensor.shape.join() === spec.shape.join() && tensor.dtype === spec.dtype) return;
  throw notRecordable(
    `the next value of ${name} is ${tensor.dtype} [${tensor.shape.join(', ')}], its variable ${spec.dtype} [${spec.shape.join(', ')}]`,
    'Cast or reshape it before returning it.',
  );
}

function unknownState(name: string, state: readonly SessionVariable[]) {
  return notRecordable(
    `the program returns a next value for ${name}, which is not a variable of the session`,
    `Declare it in \`state\`; declared are: ${state.map((variable) => variable.name).join(', ') || 'none'}.`,
  );
}
