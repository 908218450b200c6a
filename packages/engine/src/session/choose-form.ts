import type { GraphForm } from '../graph/emit-program.js';
import { drawsNumbers, type GraphNode, isBeyondXla } from '../graph/nodes.js';
import { isNameable } from '../graph/output-arguments.js';
import type { Mode } from './spec.js';

/** Where the plain graph's own kernels (oneDNN) beat what XLA makes on a CPU. */
const convolution = /^(Conv[23]D|DepthwiseConv2dNative|Dilation2D|MaxPool|AvgPool)/;
export interface ChosenForm {
  readonly form: GraphForm;
  readonly why: string;
}

/**
 * The plain graph or XLA for one program. By rule: XLA, except on a CPU where the program convolves or pools, and
 * wherever it holds an operation XLA cannot compile. A mode that was asked for is kept; what XLA cannot compile then
 * stays outside its clusters.
 */
export function chooseForm(
  nodes: readonly GraphNode[],
  asked: Exclude<Mode, 'eager'>,
  device: 'cpu' | 'cuda',
): ChosenForm {
  if (asked === 'recorded') return { form: 'plain', why: 'asked for' };
  const unsupported = nodes.find(isBeyondXla);
  const canBeFunction = unsupported === undefined && nodes.every((node) => isBoundary(node) || isNameable(node));
  const form: GraphForm = canBeFunction ? 'xlaFunction' : 'xlaClusters';
  if (asked === 'xla') return { form, why: 'asked for' };
  if (unsupported !== undefined) return { form: 'plain', why: `XLA cannot compile ${unsupported.op}` };
  const convolves = nodes.find((node) => convolution.test(node.op));
  if (device === 'cpu' && convolves !== undefined)
    return { form: 'plain', why: `${convolves.op} is faster in the plain graph on a CPU` };
  return { form, why: device === 'cpu' ? 'no convolution, and XLA fuses the rest' : 'XLA fuses kernels on the device' };
}

/** Nodes that are never inside a compiled function, whatever they are. */
function isBoundary(node: GraphNode): boolean {
  return node.op === 'VarHandleOp' || node.op === 'Placeholder' || drawsNumbers(node);
}
