import type { RecordedProgram } from '../recording/record-program.js';
import { asFunction } from './compiled-function.js';
import { type CompletedProgram, complete, type Emitted } from './completed-program.js';
import type { FunctionDef, NodeDef } from './messages.js';
import { copyOf, edge, namesIn, plainNode } from './node-names.js';
import { drawsNumbers, type GraphNode, isBeyondXla } from './nodes.js';

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

/** The nodes and functions of a program, names prefixed so that programs of one session do not meet. */
export function emitProgram(
  program: RecordedProgram,
  prefix: string,
  form: GraphForm,
  options: { readonly int32OnHost: boolean } = { int32OnHost: false },
): EmittedProgram {
  const completed = complete(program);
  const feeds = new Map([...program.inputs].map(([name, { node }]) => [name, `${prefix}/${node.name}:0`]));
  const placeholders = [...program.inputs.values()].flatMap(({ node }) => placeholderNodes(node, prefix));
  const { nodes, functions, source, after } =
    form === 'xlaFunction'
      ? asFunction(completed, prefix, options.int32OnHost)
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
