import type { RecordedProgram, SessionVariable } from '../recording/record-program.js';
import type { FunctionDef, NodeDef } from './messages.js';
import { type GraphNode, type NodeOutput, reachableNodes } from './nodes.js';

/** A program's nodes, with its updates and outputs: every update waits for the read of its variable, every output for all updates. */
export interface CompletedProgram {
  readonly nodes: readonly GraphNode[];
  readonly updates: readonly GraphNode[];
  readonly outputs: ReadonlyMap<string, NodeOutput>;
}

export function complete(program: RecordedProgram): CompletedProgram {
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

/** A program's computation as graph nodes, without what is fed and fetched. */
export interface Emitted {
  readonly nodes: readonly NodeDef[];
  readonly functions: readonly FunctionDef[];
  /** Input string naming a node output from outside the program. */
  readonly source: (output: NodeOutput) => string;
  /** Control inputs for what must wait for the updates. */
  readonly after: readonly string[];
}
