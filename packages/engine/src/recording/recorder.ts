import { EngramError } from '@engram/domain';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs';
import { dtypeNumber } from '../graph/dtypes.js';
import { type AttrValue, shapeMessage, stringAttr, type TensorValue } from '../graph/messages.js';
import type { GraphNode, NodeOutput } from '../graph/nodes.js';
import type { DataId, NativeBackend, OpAttribute } from '../tensorflow/backend.js';

/** Above this many elements, a constant that appears inside a recording is taken for a mistake. */
const largestBornConstant = 1024;
/** Above this many elements, a tensor captured from outside belongs into the session's data. */
const largestCapturedConstant = 16_384;

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
    for (const attribute of attributes) attr[attribute.name] = this.#attrValue(op, attribute);
    const edges = inputs.map((input) => this.outputOf(input));
    // The one kernel of tfjs-node that leaves a type for TensorFlow to infer, which it does eagerly only.
    if (op === 'ExpandDims') attr.T ??= { type: dtypeNumber(inputs[0]!.dtype) };
    const node = this.node(op, attr, edges, outputs);
    results.forEach((result, index) => {
      this.#sources.set(result.dataId, { node, index });
    });
  }

  #attrValue(op: string, { name, type, value }: OpAttribute): AttrValue {
    const { binding } = this.#backend;
    const list = Array.isArray(value) ? (value as unknown[]) : undefined;
    if (type === binding.TF_ATTR_INT)
      return list === undefined ? { i: Number(value) } : { list: { i: list.map(Number) } };
    if (type === binding.TF_ATTR_FLOAT)
      return list === undefined ? { f: Number(value) } : { list: { f: list.map(Number) } };
    if (type === binding.TF_ATTR_BOOL)
      return list === undefined ? { b: Boolean(value) } : { list: { b: list.map(Boolean) } };
    if (type === binding.TF_ATTR_TYPE) return { type: Number(value) };
    if (type === binding.TF_ATTR_STRING) return stringAttr(String(value));
    if (type === binding.TF_ATTR_SHAPE && list !== undefined) return { shape: shapeMessage(list.map(Number)) };
    throw new EngramError('ENG_INTERNAL', `attribute ${name} of ${op} has a type the recorder does not know: ${type}`);
  }

  #constantOf(tensor: TensorInfo): NodeOutput {
    const dtype = dtypeNumber(tensor.dtype);
    const { key: contentKey, ...content } = this.#contentOf(tensor);
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

  /** The values of a constant: one element where all are equal, which TensorFlow reads as a fill. */
  #contentOf(
    tensor: TensorInfo,
  ): Pick<TensorValue, 'tensorContent' | 'floatVal' | 'intVal' | 'boolVal'> & { key: string } {
    if (tensor.dtype === 'string' || tensor.dtype === 'complex64') {
      throw notRecordable(
        `the program holds a constant of type ${tensor.dtype}; float32, int32 and bool can be recorded`,
        'Keep such values outside the program.',
      );
    }
    const values = Object.getPrototypeOf(this.#backend).readSync.call(this.#backend, tensor.dataId) as
      | Float32Array
      | Int32Array
      | Uint8Array
      | ArrayLike<number>;
    const typed = asTyped(values, tensor.dtype);
    const first = typed[0];
    const isUniform = typed.length > 1 && first !== undefined && typed.every((value) => Object.is(value, first));
    if (isUniform) {
      const key = `all ${Object.is(first, -0) ? '-0' : first}`;
      if (tensor.dtype === 'float32') return { key, floatVal: [first] };
      return tensor.dtype === 'int32' ? { key, intVal: [first] } : { key, boolVal: [first !== 0] };
    }
    const born = this.#born.has(tensor.dataId);
    const limit = born ? largestBornConstant : largestCapturedConstant;
    if (typed.length > limit && !this.#declared.has(tensor.dataId)) {
      const shape = `[${tensor.shape.join(', ')}]`;
      throw born
        ? notRecordable(
            `the program makes a tensor of shape ${shape} from JavaScript values, which would be frozen into the recording`,
            'Pass it as an input, keep it in the session as data, or declare it with `constant` if it never changes.',
          )
        : notRecordable(
            `the program captures a tensor of shape ${shape} from outside, more than ${limit} elements`,
            'Put it into the `data` or `state` of the session.',
          );
    }
    const tensorContent = bytesOf(typed);
    return { key: Buffer.from(tensorContent).toString('base64'), tensorContent };
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
        'Compute with tensors (tf.where, tf.cond-free arithmetic), or return the value as an output and decide outside.',
      );
    }
  }
}

/** A program that cannot be recorded, with what to do instead. */
export function notRecordable(message: string, remedy: string): EngramError {
  return new EngramError('ENG_PROGRAM_NOT_RECORDABLE', message, { remedy });
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function asTyped(values: ArrayLike<number>, dtype: string): Float32Array | Int32Array | Uint8Array {
  if (dtype === 'float32') return values instanceof Float32Array ? values : Float32Array.from(values);
  if (dtype === 'int32') return values instanceof Int32Array ? values : Int32Array.from(values);
  return values instanceof Uint8Array ? values : Uint8Array.from(values);
}

function bytesOf(values: Float32Array | Int32Array | Uint8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
}
