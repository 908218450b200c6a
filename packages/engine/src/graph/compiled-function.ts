import type { CompletedProgram, Emitted } from './completed-program.js';
import { dtypeNumbers } from './dtypes.js';
import { type FunctionDef, type NodeDef, stringAttr } from './messages.js';
import { edge, namesIn, plainNode } from './node-names.js';
import { drawsNumbers, type GraphNode, type NodeOutput, reachableNodes } from './nodes.js';
import { outputArgument } from './output-arguments.js';

/**
 * The program as one function that must be compiled by XLA, and one node that calls it. Random numbers and all they
 * rest on are computed outside and handed in.
 *
 * @param int32OnHost TensorFlow keeps int32 variables in host memory on a machine with a GPU, where code compiled for
 *   the GPU cannot reach them: they are read and assigned outside too.
 */
export function asFunction(completed: CompletedProgram, prefix: string, int32OnHost: boolean): Emitted {
  const outerName = namesIn(prefix);
  const isHostVariable = (node: GraphNode) =>
    int32OnHost &&
    (node.op === 'ReadVariableOp' || node.op === 'AssignVariableOp') &&
    node.attr.dtype?.type === dtypeNumbers.int32;
  const outside = new Set(
    reachableNodes(
      completed.nodes.filter((node) => drawsNumbers(node) || (isHostVariable(node) && node.op === 'ReadVariableOp')),
    ),
  );
  const outerUpdates = completed.updates.filter(isHostVariable);
  const innerUpdates = completed.updates.filter((node) => !isHostVariable(node));
  const inside = completed.nodes.filter(
    (node) =>
      node.op === 'Const' ||
      !(outside.has(node) || outerUpdates.includes(node) || node.op === 'Placeholder' || node.op === 'VarHandleOp'),
  );
  const isInside = new Set(inside);
  const outputs = [...completed.outputs.values()];
  const results = [...outputs, ...outerUpdates.map((update) => update.inputs[1]!)];
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
      controlOutput: innerUpdates.map((node) => node.name),
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
    controlRet: Object.fromEntries(innerUpdates.map((node) => [node.name, node.name])),
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
  const assignments = outerUpdates.map((update, i) => ({
    ...plainNode(update, outerName),
    input: [
      edge(update.inputs[0]!, outerName),
      `${call}:${outputs.length + i}`,
      ...update.controls.map((control) => `^${outerName(control)}`),
    ],
  }));
  return {
    nodes: [...outsideNodes.map((node) => plainNode(node, outerName)), caller, ...assignments],
    functions: [definition],
    source: (output) => `${call}:${outputs.indexOf(output)}`,
    after: [`^${call}`, ...assignments.map(({ name }) => `^${name}`)],
  };
}
