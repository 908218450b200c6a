import type { LayerKind } from '../layer.js';
import { activation, elu, leakyRelu, relu, rescaling, softmax } from './activation.js';
import { conv1d, conv2d } from './convolution.js';
import { dense } from './dense.js';
import { depthwiseConv2d, separableConv2d } from './depthwise-convolution.js';
import { dropout, spatialDropout1d } from './dropout.js';
import { embedding } from './embedding.js';
import { concatenate, merges } from './merge.js';
import { batchNormalization, layerNormalization } from './normalization.js';
import { poolings } from './pooling.js';
import { flatten, permute, repeatVector, reshape } from './shape.js';
import { cropping2d, upSampling2d, zeroPadding2d } from './spatial.js';

const kinds: readonly LayerKind[] = [
  dense,
  conv1d,
  conv2d,
  depthwiseConv2d,
  separableConv2d,
  ...poolings,
  batchNormalization,
  layerNormalization,
  activation,
  relu,
  leakyRelu,
  elu,
  softmax,
  rescaling,
  dropout,
  spatialDropout1d,
  embedding,
  flatten,
  reshape,
  permute,
  repeatVector,
  zeroPadding2d,
  cropping2d,
  upSampling2d,
  ...merges,
  concatenate,
];

/** Every layer class that is computed here, by the name it is saved under. */
export const layerKinds: ReadonlyMap<string, LayerKind> = new Map(kinds.map((kind) => [kind.className, kind]));
