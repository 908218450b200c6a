import type { RecordedProgram, SessionVariable } from '../recording/record-program.js';
import { type AttrValue, type FunctionDef, type NodeDef, stringAttr } from './messages.js';
import { drawsNumbers, type GraphNode, isBeyondXla, type NodeOutput, reachableNodes } from './nodes.js';
import { outputArgument } from './output-arguments.js';

/** How a program is written into the session's graph. */
export type GraphForm = 'plain' | 'xlaClusters' | 'xlaFunction';

/** Where to feed and fetch: node names with output index. */
export interface EmittedProgram {
  readonly nodes: readonly NodeDef[];
  readonly functions: readonly FunctionDef[];
  readonly feeds: ReadonlyMap<string, string>;
  /** By output name. A program without outputs has one fetch under the empty name, so there is something to run. */
  readonly fetches: ReadonlyMap<string, string>;
}

/** A program's nodes, with its updates and outputs: every update waits for the read of its variable, every output for all updates. */
interface CompletedProgram {
  readonly nodes: readonly GraphNode[];
  readonly updates: readonly GraphNode[];
  readonly outputs: ReadonlyMap<string, NodeOutput>;
}

function complete(program: RecordedProgram): CompletedProgram {
  const updates = [...program.updates].map(([variable, value], index) => assignment(variable, value, program, index));
  const outputs = new Map(program.outputs);
  const roots = [...updates, ...[...outputs.values()].map((output) => output.node)];
  return { nodes: reachableNodes(roots), updates, outputs };
}

function assignment(variable: SessionVariable, value: NodeOutput, program: RecordedProgram, index: number): GraphNode {
  const read = program.reads.get(variable);
  return {
    name: `update_${index}`,
    op: 'AssignVariableOp',
    attr: { dtype: { type: value.node.outputs[value.index]!.dtype } },
    inputs: [{ node: variable.handle, index: 0 }, value],
    controls: read === undefined ? [] : [read],
    outputs: [],
  };
}

/** The nodes and functions of a program, names prefixed so that programs of one session do not meet. */
export function emitProgram(program: RecordedProgram, prefix: string, form: GraphForm): EmittedProgram {
  const completed = complete(program);
  const feeds = new Map([...program.inputs].map(([name, { node }]) => [name, `${prefix}/${node.name}:0`]));
  const placeholders = [...program.inputs.values()].flatMap(({ node }) => placeholderNodes(node, prefix));
  const { nodes, functions, source, after } =
    form === 'xlaFunction' ? asFunction(completed, prefix) : asNodes(completed, prefix, form === 'xlaClusters');
  const fetches = new Map<string, string>();
  const fetchNodes: NodeDef[] = [];
  let count = 0;
  for (const [name, output] of completed.outputs) {
    const fetch = `${prefix}/output_${count++}`;
    const { dtype } = output.node.outputs[output.index]!;
    fetchNodes.push({
      name: fetch,
      op: 'Identity',
      input: [source(output), ...after],
      attr: { T: { type: dtype } },
    });
    fetches.set(name, `${fetch}:0`);
  }
  if (count === 0) {
    fetchNodes.push(doneNode(`${prefix}/done`, after));
    fetches.set('', `${prefix}/done:0`);
  }
  return { nodes: [...placeholders, ...nodes, ...fetchNodes], functions, feeds, fetches };
}

/** A constant that is there once `after` has run: something to fetch where there is no output. */
export function doneNode(name: string, after: readonly string[]): NodeDef {
  const tensor = { dtype: 3, tensorShape: { dim: [] }, tensorContent: new Uint8Array(4) };
  return { name, op: 'Const', input: [...after], attr: { dtype: { type: 3 }, value: { tensor } } };
}

/**
 * A fed array may be JavaScript's own memory, lent for the run. A variable that kept it would read what JavaScript
 * writes there next, and free it on a thread of TensorFlow's; so what is fed is copied before anything else sees it.
 */
function placeholderNodes(node: GraphNode, prefix: string): NodeDef[] {
  const name = `${prefix}/${node.name}`;
  return [
    { name, op: node.op, input: [], attr: node.attr },
    { name: copyOf(name), op: 'DeepCopy', input: [name], attr: { T: node.attr.dtype! } },
  ];
}

function copyOf(placeholder: string): string {
  return `${placeholder}_copy`;
}

interface Emitted {
  readonly nodes: readonly NodeDef[];
  readonly functions: readonly FunctionDef[];
  /** Input string naming a node output from outside the program. */
  readonly source: (output: NodeOutput) => string;
  /** Control inputs for what must wait for the updates. */
  readonly after: readonly string[];
}

function namesIn(prefix: string): (node: GraphNode) => string {
  return (node) => {
    if (node.op === 'VarHandleOp') return node.name;
    const name = `${prefix}/${node.name}`;
    return node.op === 'Placeholder' ? copyOf(name) : name;
  };
}

function asNodes(completed: CompletedProgram, prefix: string, withXla: boolean): Emitted {
  const nameOf = namesIn(prefix);
  const isCompiled = (node: GraphNode) => withXla && node.op !== 'Const' && !drawsNumbers(node) && !isBeyondXla(node);
  const nodes = completed.nodes
    .filter((node) => node.op !== 'VarHandleOp' && node.op !== 'Placeholder')
    .map((node) => plainNode(node, nameOf, isCompiled(node) ? { _XlaCompile: { b: true } } : {}));
  return {
    nodes,
    functions: [],
    source: (output) => edge(output, nameOf),
    after: completed.updates.map((update) => `^${nameOf(update)}`),
  };
}

function plainNode(
  node: GraphNode,
  nameOf: (node: GraphNode) => string,
  extra: Readonly<Record<string, AttrValue>> = {},
): NodeDef {
  return {
    name: nameOf(node),
    op: node.op,
    input: [
      ...node.inputs.map((input) => edge(input, nameOf)),
      ...node.controls.map((control) => `^${nameOf(control)}`),
    ],
    attr: { ...node.attr, ...extra },
  };
}

function edge({ node, index }: NodeOutput, nameOf: (node: GraphNode) => string): string {
  return index === 0 ? nameOf(node) : `${nameOf(node)}:${index}`;
}

/**
 * The program as one function that must be compiled by XLA, and one node that calls it. Random numbers and all they
 * rest on are computed outside and handed in.
 */
function asFunction(completed: CompletedProgram, prefix: string): Emitted {
  const outerName = namesIn(prefix);
  const outside = new Set(reachableNodes(completed.nodes.filter(drawsNumbers)));
  const inside = completed.nodes.filter(
    (node) => node.op === 'Const' || !(outside.has(node) || node.op === 'Placeholder' || node.op === 'VarHandleOp'),
  );
  const isInside = new Set(inside);
  const results = [...completed.outputs.values()];
  const parameters = new Map<string, NodeOutput>();
  for (const { node, index } of [...inside.flatMap((node) => node.inputs), ...results]) {
    if (isInside.has(node)) continue;
    parameters.set(edge({ node, index }, outerName), { node, index });
  }
  const positions = new Map([...parameters.keys()].map((name, index) => [name, `argument_${index}`]));
  const source = (output: NodeOutput) =>
    positions.get(edge(output, outerName)) ?? `${output.node.name}:${outputArgument(output.node, output.index)}`;
  const typeOf = ({ node, index }: NodeOutput) => node.outputs[index]!.dtype;
  const functionName = `${prefix}_function`;
  const definition: FunctionDef = {
    signature: {
      name: functionName,
      inputArg: [...parameters.values()].map((of, index) => ({ name: `argument_${index}`, type: typeOf(of) })),
      outputArg: results.map((of, index) => ({ name: `result_${index}`, type: typeOf(of) })),
      isStateful: true,
      controlOutput: completed.updates.map((node) => node.name),
    },
    nodeDef: inside.map((node) => ({
      name: node.name,
      op: node.op,
      input: [
        ...node.inputs.map(source),
        ...node.controls.filter((control) => !outside.has(control)).map((control) => `^${control.name}`),
      ],
      attr: node.attr,
    })),
    ret: Object.fromEntries(results.map((result, index) => [`result_${index}`, source(result)])),
    controlRet: Object.fromEntries(completed.updates.map((node) => [node.name, node.name])),
    attr: { _XlaMustCompile: { b: true } },
  };
  const call = `${prefix}/call`;
  const caller: NodeDef = {
    name: call,
    op: 'StatefulPartitionedCall',
    input: [...parameters.keys()],
    attr: {
      Tin: { list: { type: [...parameters.values()].map(typeOf) } },
      Tout: { list: { type: results.map(typeOf) } },
      f: { func: { name: functionName } },
      config: stringAttr(''),
      config_proto: stringAttr(''),
      executor_type: stringAttr(''),
      _XlaMustCompile: { b: true },
    },
  };
  const outsideNodes = [...outside].filter((node) => node.op !== 'Placeholder' && node.op !== 'VarHandleOp');
  return {
    nodes: [...outsideNodes.map((node) => plainNode(node, outerName)), caller],
    functions: [definition],
    source: (output) => `${call}:${results.indexOf(output)}`,
    after: [`^${call}`],
  };
}
