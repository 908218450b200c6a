import type { AttrValue } from './messages.js';

/** One operation of a recorded program. */
export interface GraphNode {
  /** Unique within its program; letters, digits and underscores. */
  readonly name: string;
  readonly op: string;
  readonly attr: Record<string, AttrValue>;
  readonly inputs: NodeOutput[];
  readonly controls: GraphNode[];
  /** Shape and TensorFlow type number of each output. */
  readonly outputs: readonly { readonly shape: readonly number[]; readonly dtype: number }[];
}

export interface NodeOutput {
  readonly node: GraphNode;
  readonly index: number;
}

/** The nodes `roots` rest on, through data and control edges, in an order where every node follows what it needs. */
export function reachableNodes(roots: readonly GraphNode[]): GraphNode[] {
  const order: GraphNode[] = [];
  const state = new Map<GraphNode, 'open' | 'done'>();
  // An explicit stack: unrolled programs are thousands of nodes deep, beyond what recursion allows.
  const stack = roots.map((node) => ({ node, leaving: false })).reverse();
  while (stack.length > 0) {
    const { node, leaving } = stack.pop()!;
    if (leaving) {
      state.set(node, 'done');
      order.push(node);
      continue;
    }
    if (state.has(node)) continue;
    state.set(node, 'open');
    stack.push({ node, leaving: true });
    for (const needed of [...node.inputs.map((input) => input.node), ...node.controls]) {
      if (!state.has(needed)) stack.push({ node: needed, leaving: false });
    }
  }
  return order;
}

/** Operations XLA compiles to something slower and different: they stay outside. */
export function drawsNumbers(node: GraphNode): boolean {
  return node.op.startsWith('Stateless');
}

/**
 * What XLA cannot compile: shapes that depend on values, operations it has no kernel for, and the gradient of max
 * pooling, which it refuses while TensorFlow is told to be deterministic.
 */
const beyondXla =
  /^(Where|Unique|UniqueV2|NonMaxSuppression.*|Multinomial|Bincount|DenseBincount|CropAndResize|ResizeNearestNeighborGrad|MaxPoolGrad|MaxPool3DGrad|Dilation2D.*|StaticRegexReplace|SparseToDense)$/;

export function isBeyondXla(node: GraphNode): boolean {
  return beyondXla.test(node.op);
}
