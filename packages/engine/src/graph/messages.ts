import protobuf from 'protobufjs/light.js';

/**
 * The part of TensorFlow's graph messages that is written here, with TensorFlow's field numbers
 * (tensorflow/core/framework/*.proto, tensorflow/core/protobuf/{meta_graph,saved_model}.proto).
 */
const schema = {
  nested: {
    Dim: { fields: { size: { type: 'int64', id: 1 } } },
    Shape: { fields: { dim: { rule: 'repeated', type: 'Dim', id: 2 }, unknownRank: { type: 'bool', id: 3 } } },
    TensorValue: {
      fields: {
        dtype: { type: 'int32', id: 1 },
        tensorShape: { type: 'Shape', id: 2 },
        tensorContent: { type: 'bytes', id: 4 },
        floatVal: { rule: 'repeated', type: 'float', id: 5 },
        intVal: { rule: 'repeated', type: 'int32', id: 7 },
        boolVal: { rule: 'repeated', type: 'bool', id: 11 },
      },
    },
    ListValue: {
      fields: {
        s: { rule: 'repeated', type: 'bytes', id: 2 },
        i: { rule: 'repeated', type: 'int64', id: 3 },
        f: { rule: 'repeated', type: 'float', id: 4 },
        b: { rule: 'repeated', type: 'bool', id: 5 },
        type: { rule: 'repeated', type: 'int32', id: 6 },
        shape: { rule: 'repeated', type: 'Shape', id: 7 },
      },
    },
    NameAttrList: {
      fields: {
        name: { type: 'string', id: 1 },
        attr: { keyType: 'string', type: 'AttrValue', id: 2 },
      },
    },
    AttrValue: {
      oneofs: { value: { oneof: ['list', 's', 'i', 'f', 'b', 'type', 'shape', 'tensor', 'func'] } },
      fields: {
        list: { type: 'ListValue', id: 1 },
        s: { type: 'bytes', id: 2 },
        i: { type: 'int64', id: 3 },
        f: { type: 'float', id: 4 },
        b: { type: 'bool', id: 5 },
        type: { type: 'int32', id: 6 },
        shape: { type: 'Shape', id: 7 },
        tensor: { type: 'TensorValue', id: 8 },
        func: { type: 'NameAttrList', id: 10 },
      },
    },
    NodeDef: {
      fields: {
        name: { type: 'string', id: 1 },
        op: { type: 'string', id: 2 },
        input: { rule: 'repeated', type: 'string', id: 3 },
        device: { type: 'string', id: 4 },
        attr: { keyType: 'string', type: 'AttrValue', id: 5 },
      },
    },
    ArgDef: { fields: { name: { type: 'string', id: 1 }, type: { type: 'int32', id: 3 } } },
    OpDef: {
      fields: {
        name: { type: 'string', id: 1 },
        inputArg: { rule: 'repeated', type: 'ArgDef', id: 2 },
        outputArg: { rule: 'repeated', type: 'ArgDef', id: 3 },
        isStateful: { type: 'bool', id: 17 },
        controlOutput: { rule: 'repeated', type: 'string', id: 20 },
      },
    },
    FunctionDef: {
      fields: {
        signature: { type: 'OpDef', id: 1 },
        nodeDef: { rule: 'repeated', type: 'NodeDef', id: 3 },
        ret: { keyType: 'string', type: 'string', id: 4 },
        attr: { keyType: 'string', type: 'AttrValue', id: 5 },
        controlRet: { keyType: 'string', type: 'string', id: 6 },
      },
    },
    FunctionLibrary: { fields: { function: { rule: 'repeated', type: 'FunctionDef', id: 1 } } },
    Versions: { fields: { producer: { type: 'int32', id: 1 }, minConsumer: { type: 'int32', id: 2 } } },
    GraphDef: {
      fields: {
        node: { rule: 'repeated', type: 'NodeDef', id: 1 },
        library: { type: 'FunctionLibrary', id: 2 },
        versions: { type: 'Versions', id: 4 },
      },
    },
    MetaInfo: { fields: { tags: { rule: 'repeated', type: 'string', id: 4 } } },
    MetaGraph: { fields: { metaInfoDef: { type: 'MetaInfo', id: 1 }, graphDef: { type: 'GraphDef', id: 2 } } },
    SavedModel: {
      fields: {
        savedModelSchemaVersion: { type: 'int64', id: 1 },
        metaGraphs: { rule: 'repeated', type: 'MetaGraph', id: 2 },
      },
    },
  },
};

export interface ShapeMessage {
  readonly dim: readonly { readonly size: number }[];
}

/**
 * A constant: all its bytes as `tensorContent`, or one element in the field of its type, which stands for every element
 * of the shape. With neither it is zeros.
 */
export interface TensorValue {
  readonly dtype: number;
  readonly tensorShape: ShapeMessage;
  readonly tensorContent?: Uint8Array;
  readonly floatVal?: readonly number[];
  readonly intVal?: readonly number[];
  readonly boolVal?: readonly boolean[];
}

export interface AttrValue {
  readonly list?: {
    readonly s?: readonly Uint8Array[];
    readonly i?: readonly number[];
    readonly f?: readonly number[];
    readonly b?: readonly boolean[];
    readonly type?: readonly number[];
  };
  readonly s?: Uint8Array;
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly type?: number;
  readonly shape?: ShapeMessage;
  readonly tensor?: TensorValue;
  readonly func?: { readonly name: string };
}

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly device?: string;
  readonly attr: Readonly<Record<string, AttrValue>>;
}

export interface FunctionDef {
  readonly signature: {
    readonly name: string;
    readonly inputArg: readonly { readonly name: string; readonly type: number }[];
    readonly outputArg: readonly { readonly name: string; readonly type: number }[];
    readonly isStateful: boolean;
    readonly controlOutput: readonly string[];
  };
  readonly nodeDef: readonly NodeDef[];
  readonly ret: Readonly<Record<string, string>>;
  readonly controlRet: Readonly<Record<string, string>>;
  readonly attr: Readonly<Record<string, AttrValue>>;
}

/** GraphDef version TensorFlow 2.x writes and reads. */
const producer = 1882;

/** The bytes of a `saved_model.pb` with one graph under the tag `serve`. */
export function encodeSavedModel(graph: {
  readonly nodes: readonly NodeDef[];
  readonly functions: readonly FunctionDef[];
}): Uint8Array {
  const savedModel = protobuf.Root.fromJSON(schema).lookupType('SavedModel');
  const message = {
    savedModelSchemaVersion: 1,
    metaGraphs: [
      {
        metaInfoDef: { tags: ['serve'] },
        graphDef: {
          node: graph.nodes,
          library: { function: graph.functions },
          versions: { producer, minConsumer: 12 },
        },
      },
    ],
  };
  return savedModel.encode(message).finish();
}

export function stringAttr(value: string): AttrValue {
  return { s: new TextEncoder().encode(value) };
}

export function shapeMessage(shape: readonly number[]): ShapeMessage {
  return { dim: shape.map((size) => ({ size })) };
}
