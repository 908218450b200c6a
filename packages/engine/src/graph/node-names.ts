import type { AttrValue, NodeDef } from './messages.js';
import type { GraphNode, NodeOutput } from './nodes.js';

/** What a placeholder's value is copied to before anything else sees it. */
export function copyOf(placeholder: string): string {
  return `${placeholder}_copy`;
}

/** Names of a program's nodes in the session's graph, where variables are shared and everything else is its own. */
export function namesIn(prefix: string): (node: GraphNode) => string {
  return (node) => {
    if (node.op === 'VarHandleOp') return node.name;
    const name = `${prefix}/${node.name}`;
    return node.op === 'Placeholder' ? copyOf(name) : name;
  };
}

/** A node of the graph; `extra` attributes are added to its own. */
export function plainNode(
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

/** How an input names a node output. */
export function edge({ node, index }: NodeOutput, nameOf: (node: GraphNode) => string): string {
  return index === 0 ? nameOf(node) : `${nameOf(node)}:${index}`;
}
