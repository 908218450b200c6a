import type { RecordedProgram, SessionVariable } from '../recording/record-program.js';
import { type AttrValue, type FunctionDef, type NodeDef, stringAttr } from './messages.js';
import { type GraphNode, type NodeOutput, reachableNodes } from './nodes.js';
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
    form === 'xlaFunction'
      ? asFunction(completed, program, prefix)
      : asNodes(completed, prefix, form === 'xlaClusters');
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

function asNodes(completed: CompletedProgram, prefix: string, withXla: boolean): Emitted {
  const compiled: AttrValue = { b: true };
  const nameOf = (node: GraphNode) => {
    if (node.op === 'VarHandleOp') return node.name;
    const name = `${prefix}/${node.name}`;
    return node.op === 'Placeholder' ? copyOf(name) : name;
  };
  const source = ({ node, index }: NodeOutput) => (index === 0 ? nameOf(node) : `${nameOf(node)}:${index}`);
  const nodes = completed.nodes
    .filter((node) => node.op !== 'VarHandleOp' && node.op !== 'Placeholder')
    .map((node) => ({
      name: nameOf(node),
      op: node.op,
      input: [...node.inputs.map(source), ...node.controls.map((control) => `^${nameOf(control)}`)],
      attr: withXla && node.op !== 'Const' ? { ...node.attr, _XlaCompile: compiled } : node.attr,
    }));
  return { nodes, functions: [], source, after: completed.updates.map((update) => `^${nameOf(update)}`) };
}

/** The whole program as one function that must be compiled by XLA, and one node that calls it. */
function asFunction(completed: CompletedProgram, program: RecordedProgram, prefix: string): Emitted {
  const placeholders = [...program.inputs.values()].map(({ node }) => node);
  const handles = completed.nodes.filter((node) => node.op === 'VarHandleOp');
  const parameters = [...placeholders, ...handles];
  const nameOf = new Map(parameters.map((node, index) => [node, `argument_${index}`]));
  const source = ({ node, index }: NodeOutput) => nameOf.get(node) ?? `${node.name}:${outputArgument(node, index)}`;
  const body = completed.nodes
    .filter((node) => !nameOf.has(node))
    .map((node) => ({
      name: node.name,
      op: node.op,
      input: [...node.inputs.map(source), ...node.controls.map((control) => `^${control.name}`)],
      attr: node.attr,
    }));
  const results = [...completed.outputs.values()];
  const functionName = `${prefix.replaceAll('/', '_')}_function`;
  const typeOf = ({ node, index }: NodeOutput) => node.outputs[index]!.dtype;
  const definition: FunctionDef = {
    signature: {
      name: functionName,
      inputArg: parameters.map((node) => ({ name: nameOf.get(node)!, type: node.outputs[0]!.dtype })),
      outputArg: results.map((result, index) => ({ name: `result_${index}`, type: typeOf(result) })),
      isStateful: true,
      controlOutput: completed.updates.map((node) => node.name),
    },
    nodeDef: body,
    ret: Object.fromEntries(results.map((result, index) => [`result_${index}`, source(result)])),
    controlRet: Object.fromEntries(completed.updates.map((node) => [node.name, node.name])),
    attr: { _XlaMustCompile: { b: true } },
  };
  const call = `${prefix}/call`;
  const caller: NodeDef = {
    name: call,
    op: 'StatefulPartitionedCall',
    input: parameters.map((node) => (node.op === 'Placeholder' ? copyOf(`${prefix}/${node.name}`) : node.name)),
    attr: {
      Tin: { list: { type: parameters.map((node) => node.outputs[0]!.dtype) } },
      Tout: { list: { type: results.map(typeOf) } },
      f: { func: { name: functionName } },
      config: stringAttr(''),
      config_proto: stringAttr(''),
      executor_type: stringAttr(''),
      _XlaMustCompile: { b: true },
    },
  };
  const positions = new Map(results.map((result, index) => [result, index]));
  return {
    nodes: [caller],
    functions: [definition],
    source: (output) => `${call}:${positions.get(output)}`,
    after: [`^${call}`],
  };
}
