import type { GraphNode } from './nodes.js';

/**
 * Names of the outputs of TensorFlow's operations, from their registrations in TensorFlow 2.21. A function body names an
 * edge by them ("node:product:0"), where a graph needs the number only. A star marks an output that is a list.
 */
const outputNames: Readonly<Record<string, string>> = {
  y: 'Abs Acos Acosh Asin Asinh Atan Atanh Cast Ceil ComplexAbs Cos Cosh DeepCopy Erf Erfinv Exp Expm1 Floor IsFinite IsInf IsNan Log Log1p LogicalNot Neg OnesLike Reciprocal Round Rsqrt Sigmoid Sign Sin Sinh Sqrt Square Tan Tanh Transpose ZerosLike',
  z: 'Add AddV2 Atan2 BitwiseAnd BitwiseXor Div DivNoNan Equal FloorDiv FloorMod Greater GreaterEqual LeftShift Less LessEqual LogicalAnd LogicalOr Maximum Minimum Mod Mul NotEqual Pow RealDiv RightShift RsqrtGrad SigmoidGrad SqrtGrad SquaredDifference Sub TanhGrad Xlogy',
  sum: 'AddN',
  output:
    'All Any ArgMax ArgMin AvgPool AvgPool3D AvgPool3DGrad AvgPoolGrad BatchMatMul BatchMatMulV2 BatchToSpaceND BiasAdd BiasAddGrad BroadcastTo Cholesky ClipByValue Concat ConcatV2 Const Conv2D Conv2DBackpropFilter Conv2DBackpropInput Conv3D Conv3DBackpropFilterV2 Conv3DBackpropInputV2 DenseBincount DepthToSpace DepthwiseConv2dNative DepthwiseConv2dNativeBackpropFilter DepthwiseConv2dNativeBackpropInput Diag Dilation2D Einsum ExpandDims FFT Fill GatherNd GatherV2 IFFT Identity Imag LRN LRNGrad LinSpace MatrixDiagV3 Max MaxPool MaxPool3D MaxPool3DGrad MaxPoolGrad Mean Min MirrorPad MirrorPadGrad Multinomial OneHot Pack PadV2 Prod Range Rank Real Reshape ResizeBilinearGrad ResizeNearestNeighborGrad Reverse ReverseV2 ScatterNd Select SelectV2 Shape Size Slice SpaceToBatchND Squeeze StridedSlice Sum TensorScatterAdd TensorScatterUpdate Tile UnsortedSegmentSum',
  bins: 'Bincount',
  r0: 'BroadcastArgs',
  out: 'Complex Cumprod Cumsum',
  crops: 'CropAndResize',
  filter_backprop: 'Dilation2DBackpropFilter',
  in_backprop: 'Dilation2DBackpropInput',
  activations: 'Elu LeakyRelu Relu Relu6 Selu Softplus',
  backprops: 'EluGrad LeakyReluGrad Relu6Grad ReluGrad SeluGrad SoftplusGrad',
  logsoftmax: 'LogSoftmax',
  product: 'MatMul',
  band: 'MatrixBandPart',
  resized_images: 'ResizeBilinear ResizeNearestNeighbor',
  softmax: 'Softmax',
  value: 'ReadVariableOp',
  dense: 'SparseToDense',
  'output*': 'Split SplitV Unpack',
  'values indices': 'TopK TopKV2',
  'loss backprop': 'SoftmaxCrossEntropyWithLogits SparseSoftmaxCrossEntropyWithLogits',
  'y batch_mean batch_variance reserve_space_1 reserve_space_2': 'FusedBatchNorm',
};

const namesByOp = new Map(
  Object.entries(outputNames).flatMap(([names, ops]) => ops.split(' ').map((op) => [op, names.split(' ')] as const)),
);

/** Operations without outputs, which a function may hold all the same. */
const withoutOutputs = new Set(['AssignVariableOp', 'NoOp']);

/** Whether the operation can stand in a function body: the names of its outputs are known here. */
export function isNameable(node: GraphNode): boolean {
  return namesByOp.has(node.op) || withoutOutputs.has(node.op);
}

/** Output `index` of a node, as a function body names it: "product:0". */
export function outputArgument(node: GraphNode, index: number): string {
  const names = namesByOp.get(node.op) ?? [];
  const list = names[0]?.endsWith('*') === true ? names[0].slice(0, -1) : undefined;
  return list === undefined ? `${names[index]}:0` : `${list}:${index}`;
}
