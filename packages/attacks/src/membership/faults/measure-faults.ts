import type { Fault } from '../../requirement-fault.js';
import type { MeasureKind } from '../target-measure.js';

const lastLayerFault: Fault = {
  message: 'expected a model that ends in a dense layer whose inputs can be read, got none',
  remedy:
    'Upload a TensorFlow.js layers model that ends in a dense layer, or an ONNX model whose manifest names the output with its inputs as features.',
};

/** Why a measure of the target cannot be taken. */
export const measureFaults: Readonly<Record<MeasureKind, Fault>> = {
  augmentationVotes: {
    message: 'expected a model of images that can be asked about changed samples, got none',
    remedy: 'Name a classifier of images, not recorded outputs.',
  },
  noiseRobustness: {
    message: 'expected a model that can be asked about changed samples, got none',
    remedy: 'Name a classifier, not recorded outputs.',
  },
  boundaryDistance: {
    message: 'expected a model that can be asked about changed samples, got none',
    remedy: 'Name a classifier, not recorded outputs.',
  },
  transferAttack: {
    message:
      'expected a classifier that can be asked about changed samples, and reference models whose gradients by their inputs can be computed, got none',
    remedy:
      'Audit a TensorFlow.js layers model, so that reference models are trained here, or give layers models as its references (referenceModels.models).',
  },
  gradientNorm: {
    message: 'expected a model whose gradients by all weights can be computed, got none',
    remedy: 'Upload the model as a TensorFlow.js layers model, or ask for the gradient of the last layer alone.',
  },
  lastLayerGradientNorm: lastLayerFault,
  leverage: {
    message:
      'expected a model that ends in a dense layer whose inputs can be read, of at most 8,192 weights or with few samples to judge, got none',
    remedy: `${lastLayerFault.remedy} Of a larger layer judge fewer samples: weights times samples squared may be 2e11.`,
  },
  lossTrace: {
    message: 'expected the loss of every sample along the training of the target, got none',
    remedy: 'Give checkpoints in the training section of the model manifest, or a lossTrace field with the data.',
  },
  linearStatistics: {
    message:
      'expected a linear regression of at most 1,000 weights and a population of at least ten rows for each, got none',
    remedy:
      'Audit a TensorFlow.js layers model of one dense linear unit and name data.population, or ask for "statistic": "loss", which needs no population.',
  },
};
