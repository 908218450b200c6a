import type { EngramError } from '@engram/domain';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs';
import { dtypeNumber } from '../graph/dtypes.js';
import { type AttrValue, shapeMessage } from '../graph/messages.js';
import type { GraphNode, NodeOutput } from '../graph/nodes.js';
import type { DataId, NativeBackend, OpAttribute } from '../tensorflow/backend.js';
import { attributeValue } from './attribute-value.js';
import { bytesOf, constantContent } from './constant-content.js';
import { notRecordable } from './not-recordable.js';

/**
 * Writes down as graph nodes what a program does while it runs once on real tensors.
 *
 * Every kernel of the native backend passes through two methods of it; `during` puts itself in their place for as long
 * as the program runs. A tensor is known by its data id, so an alias in another shape is still the same node.
 */
export class Recorder {
  readonly #backend: NativeBackend;
  readonly #sources = new Map<DataId, NodeOutput>();
  readonly #constants = new Map<string, NodeOutput>();
  readonly #reshapes = new Map<GraphNode, Map<string, NodeOutput>>();
  readonly #born = new Set<DataId>();
  readonly #declared = new Set<DataId>();
  #count = 0;
  #refusal: EngramError | undefined;

  constructor(backend: NativeBackend) {
    this.#backend = backend;
  }

  /** Makes `tensor` stand for a node of the graph: a placeholder or the value of a variable. */
  bind(tensor: TensorInfo, output: NodeOutput): void {
    this.#sources.set(tensor.dataId, output);
  }

  /** Allows a large tensor made inside the program to become a constant. */
  declareConstant(tensor: TensorInfo): void {
    this.#declared.add(tensor.dataId);
  }

  node(
    op: string,
    attr: Record<string, AttrValue>,
    inputs: NodeOutput[],
    outputs: GraphNode['outputs'],
    name = `${op}_${this.#count++}`,
  ): GraphNode {
    return { name, op, attr, inputs, controls: [], outputs };
  }

  /** Runs `program` with every kernel written down. Reads of computed values and random numbers from JavaScript throw. */
  during<T>(program: () => T): T {
    const backend = this.#backend;
    const single = backend.executeSingleOutput;
    const multiple = backend.executeMultipleOutputs;
    const { readSync, read, write, move } = backend;
    const { random } = Math;
    backend.executeSingleOutput = (name, attributes, inputs) => {
      const result = single.call(backend, name, attributes, inputs);
      this.#record(name, attributes, inputs, [result]);
      return result;
    };
    backend.executeMultipleOutputs = (name, attributes, inputs, count) => {
      const results = multiple.call(backend, name, attributes, inputs, count);
      this.#record(name, attributes, inputs, results);
      return results;
    };
    backend.readSync = (dataId) => {
      this.#refuseRead(dataId);
      return readSync.call(backend, dataId);
    };
    backend.read = (dataId) => {
      this.#refuseRead(dataId);
      return read.call(backend, dataId);
    };
    backend.write = (values, shape, dtype) => {
      const dataId = write.call(backend, values, shape, dtype);
      this.#born.add(dataId);
      return dataId;
    };
    backend.move = (dataId, values, shape, dtype, refCount) => {
      move.call(backend, dataId, values, shape, dtype, refCount);
      this.#born.add(dataId);
    };
    Math.random = () => {
      throw this.#refuse(
        'the program draws random numbers in JavaScript, which would be the same in every run of the recording',
        'Draw them with the `random` the program is given; for a tf.layers model pass it through `withSeededLayers`.',
      );
    };
    try {
      const result = program();
      // Thrown into a promise or caught by the program, a refusal still counts.
      if (this.#refusal !== undefined) throw this.#refusal;
      return result;
    } finally {
      Object.assign(backend, {
        executeSingleOutput: single,
        executeMultipleOutputs: multiple,
        readSync,
        read,
        write,
        move,
      });
      Math.random = random;
    }
  }

  /** The node output that computes `tensor`, reshaped where the tensor is an alias in another shape. */
  outputOf(tensor: TensorInfo): NodeOutput {
    const source = this.#sources.get(tensor.dataId) ?? this.#constantOf(tensor);
    const { shape } = source.node.outputs[source.index]!;
    if (sameShape(shape, tensor.shape)) return source;
    return this.#reshaped(source, tensor.shape);
  }

  #record(op: string, attributes: readonly OpAttribute[], inputs: readonly TensorInfo[], results: Tensor[]): void {
    const outputs = results.map((result) => ({ shape: result.shape, dtype: dtypeNumber(result.dtype) }));
    const attr: Record<string, AttrValue> = {};
    for (const attribute of attributes) attr[attribute.name] = attributeValue(this.#backend, op, attribute);
    const edges = inputs.map((input) => this.outputOf(input));
    // The one kernel of tfjs-node that leaves a type for TensorFlow to infer, which it does eagerly only.
    if (op === 'ExpandDims') attr.T ??= { type: dtypeNumber(inputs[0]!.dtype) };
    const node = this.node(op, attr, edges, outputs);
    results.forEach((result, index) => {
      this.#sources.set(result.dataId, { node, index });
    });
  }

  #constantOf(tensor: TensorInfo): NodeOutput {
    const dtype = dtypeNumber(tensor.dtype);
    // Past the wrapper of `during`: what a constant is made of may be read.
    const { readSync } = Object.getPrototypeOf(this.#backend) as NativeBackend;
    const { key: contentKey, ...content } = constantContent(
      tensor,
      () => readSync.call(this.#backend, tensor.dataId),
      this.#declared.has(tensor.dataId) ? 'declared' : this.#born.has(tensor.dataId) ? 'born' : 'captured',
    );
    const key = `${dtype}|${tensor.shape.join()}|${contentKey}`;
    let constant = this.#constants.get(key);
    if (constant === undefined) {
      const value = { dtype, tensorShape: shapeMessage(tensor.shape), ...content };
      const node = this.node(
        'Const',
        { dtype: { type: dtype }, value: { tensor: value } },
        [],
        [{ shape: tensor.shape, dtype }],
      );
      constant = { node, index: 0 };
      this.#constants.set(key, constant);
    }
    this.#sources.set(tensor.dataId, constant);
    return constant;
  }

  #reshaped(source: NodeOutput, shape: readonly number[]): NodeOutput {
    const key = `${source.index}|${shape.join()}`;
    const known = this.#reshapes.get(source.node)?.get(key);
    if (known !== undefined) return known;
    const { dtype } = source.node.outputs[source.index]!;
    const shapeTensor = {
      dtype: dtypeNumber('int32'),
      tensorShape: shapeMessage([shape.length]),
      tensorContent: bytesOf(Int32Array.from(shape)),
    };
    const shapeNode = this.node(
      'Const',
      { dtype: { type: shapeTensor.dtype }, value: { tensor: shapeTensor } },
      [],
      [{ shape: [shape.length], dtype: shapeTensor.dtype }],
    );
    const node = this.node(
      'Reshape',
      { T: { type: dtype }, Tshape: { type: shapeTensor.dtype } },
      [source, { node: shapeNode, index: 0 }],
      [{ shape, dtype }],
    );
    const reshaped = { node, index: 0 };
    const ofNode = this.#reshapes.get(source.node) ?? new Map<string, NodeOutput>();
    ofNode.set(key, reshaped);
    this.#reshapes.set(source.node, ofNode);
    return reshaped;
  }

  #refuse(message: string, remedy: string): EngramError {
    this.#refusal ??= notRecordable(message, remedy);
    return this.#refusal;
  }

  #refuseRead(dataId: DataId): void {
    const source = this.#sources.get(dataId);
    if (source !== undefined && source.node.op !== 'Const') {
      throw this.#refuse(
        `the program reads the value of ${source.node.op}, which would freeze it (or the branch taken on it) into the recording`,
        'Compute with tensors (tf.where instead of a branch), or return the value as an output and decide outside.',
      );
    }
  }
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
