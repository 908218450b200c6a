import type { DataType, Tensor, TensorInfo } from '@tensorflow/tfjs';

/** The TensorFlow.js namespace, on the native backend. */
export type TensorFlow = typeof import('@tensorflow/tfjs');

/** An attribute of an operation as tfjs-node passes it: `type` is one of TensorFlow's TF_ATTR numbers. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The data of a tensor, whatever its shape: tensors that share it have the same key. */
export type DataId = object;

/** What the engine uses of tfjs-node's backend and of the addon below it. */
export interface NativeBackend {
  readonly binding: {
    readonly TF_ATTR_STRING: number;
    readonly TF_ATTR_INT: number;
    readonly TF_ATTR_FLOAT: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_SHAPE: number;
    readonly TF_Version: string;
    getNumOfTensors(): number;
    getNumOfSavedModels(): number;
    createTensor(shape: number[], dtype: number, values: Float32Array | Int32Array | Uint8Array): number;
    deleteTensor(id: number): void;
    tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
    executeOp(name: string, attributes: OpAttribute[], inputs: number[], outputs: number): { readonly id: number }[];
  };
  readonly isUsingGpuDevice: boolean;
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: TensorInfo[]): Tensor;
  executeMultipleOutputs(name: string, attributes: OpAttribute[], inputs: TensorInfo[], count: number): Tensor[];
  readSync(dataId: DataId): ArrayLike<number>;
  read(dataId: DataId): Promise<ArrayLike<number>>;
  write(values: unknown, shape: number[], dtype: DataType): DataId;
  move(dataId: DataId, values: unknown, shape: number[], dtype: DataType, refCount: number): void;
  loadSavedModelMetaGraph(path: string, tags: string): number;
  runSavedModel(id: number, inputs: Tensor[], inputInfos: { name: string }[], outputNames: string[]): Tensor[];
  deleteSavedModel(id: number): void;
}

/** Attributes in the form the backend takes, without the ceremony. */
export function attributeMaker({ binding }: NativeBackend) {
  return {
    type: (name: string, value: number): OpAttribute => ({ name, type: binding.TF_ATTR_TYPE, value }),
    int: (name: string, value: number | readonly number[]): OpAttribute => ({ name, type: binding.TF_ATTR_INT, value }),
    float: (name: string, value: number): OpAttribute => ({ name, type: binding.TF_ATTR_FLOAT, value }),
    bool: (name: string, value: boolean): OpAttribute => ({ name, type: binding.TF_ATTR_BOOL, value }),
    string: (name: string, value: string): OpAttribute => ({ name, type: binding.TF_ATTR_STRING, value }),
  };
}
