import { EngramError, type NdArray } from '@engram/domain';

/**
 * What a model's last dense layer reads and how wrong it is, on n samples. Its gradients and its curvature follow from
 * these: the weights themselves are not needed.
 */
export type LastLayer = ClassifierLayer | RegressionLayer;

interface LayerInputs {
  /** (n, width) the layer's input. */
  readonly features: NdArray;
  /** Whether its units have a bias: an input that is always 1. */
  readonly bias: boolean;
}

/** Of a classifier, by cross-entropy. */
export interface ClassifierLayer extends LayerInputs {
  /** `softmax`: a unit for every class. `sigmoid`: one unit, the logit of the second of two classes. */
  readonly head: 'softmax' | 'sigmoid';
  /** (n, classes) nats; -Infinity where a probability is 0. */
  readonly logProbabilities: NdArray<Float64Array>;
  /** (n) class indices. */
  readonly labels: Int32Array;
}

/** Of a regression, by squared error: one unit, the prediction f(x). */
export interface RegressionLayer extends LayerInputs {
  readonly head: 'linear';
  /** (n) y - f(x), in units of the target. */
  readonly residuals: Float64Array;
}

/** Sizes of a last layer, once they were found to agree. */
export interface LayerSize {
  readonly samples: number;
  /** Inputs, the constant one of the bias among them. */
  readonly width: number;
  readonly units: number;
}

/** @throws ENG_SHAPE_MISMATCH arrays do not describe the same samples, or a sigmoid has other than two classes. */
export function layerSize(layer: LastLayer): LayerSize {
  const { features, head, bias } = layer;
  const [n = 0, width = 0] = features.shape;
  const isMatrix = features.shape.length === 2 && features.data.length === n * width;
  const size = { samples: n, width: bias ? width + 1 : width };
  if (head === 'linear') {
    if (isMatrix && layer.residuals.length === n) return { ...size, units: 1 };
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected features (n, width) and n residuals, got (${features.shape.join(', ')}) and ${layer.residuals.length}`,
    );
  }
  const { logProbabilities, labels } = layer;
  const classes = logProbabilities.shape[1] ?? 0;
  const fits =
    isMatrix &&
    logProbabilities.data.length === n * classes &&
    labels.length === n &&
    (head === 'softmax' || classes === 2);
  if (!fits)
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected features (n, width), log-probabilities (n, ${head === 'sigmoid' ? 2 : 'classes'}) and n labels, got (${features.shape.join(', ')}), (${logProbabilities.shape.join(', ')}) and ${labels.length}`,
    );
  return { ...size, units: head === 'sigmoid' ? 1 : classes };
}

/** The layer's input on one sample, with the 1 of the bias. */
export function inputOf({ features, bias }: LastLayer, i: number): Float64Array {
  const width = features.shape[1]!;
  const input = new Float64Array(bias ? width + 1 : width).fill(1);
  input.set(features.data.subarray(i * width, (i + 1) * width));
  return input;
}

/** How wrong the layer is on one sample: its gradient by the units, kept apart into size and direction so that a sure
 * prediction loses no digits, and the second derivatives of its loss. */
export interface SampleError {
  /** 1 - p_y; of a regression 2 |y - f(x)|, the slope of the squared error. */
  readonly size: number;
  /**
   * (units) the gradient of the loss at the units, over `size`; of a classifier also minus the gradient of the scaled
   * confidence log p_y - log(1 - p_y). Zero where `size` is 0.
   */
  readonly direction: Float64Array;
  /** (units) second derivative of the loss by each unit: p (1 - p), or 2. */
  readonly curvature: Float64Array;
  /** (units) of a softmax: by two units it is minus the product of their probabilities. Of one unit not read. */
  readonly probabilities: Float64Array;
}

export function errorOf(layer: LastLayer, i: number): SampleError {
  if (layer.head === 'linear') {
    const residual = layer.residuals[i]!;
    return {
      size: 2 * Math.abs(residual),
      direction: Float64Array.of(-Math.sign(residual)),
      curvature: Float64Array.of(2),
      probabilities: Float64Array.of(0),
    };
  }
  const { logProbabilities, labels } = layer;
  const classes = logProbabilities.shape[1]!;
  const p = logProbabilities.data.subarray(i * classes, (i + 1) * classes).map(Math.exp);
  // Of a probability close to 1 from the others: 1 - p would cancel.
  const complements = p.map((value, a) =>
    value > 0.5 ? p.reduce((sum, other, b) => (a === b ? sum : sum + other), 0) : 1 - value,
  );
  const curvature = p.map((value, a) => value * complements[a]!);
  const label = labels[i]!;
  const size = complements[label]!;
  const share = size === 0 ? 0 : 1 / size;
  if (layer.head === 'sigmoid')
    return {
      size,
      direction: Float64Array.of(size === 0 ? 0 : 1 - 2 * label),
      curvature: curvature.subarray(1),
      probabilities: p.subarray(1),
    };
  const direction = p.map((value, a) => (a === label ? -Math.sign(size) : value * share));
  return { size, direction, curvature, probabilities: p };
}
