import { EngramError, type NdArray } from '@engram/domain';

/**
 * What a classifier's last dense layer reads and what comes of it, on n samples. Its gradients and its curvature follow
 * from these: the weights themselves are not needed.
 */
export interface LastLayer {
  /** (n, width) the layer's input. */
  readonly features: NdArray;
  /** (n, classes) nats; -Infinity where a probability is 0. */
  readonly logProbabilities: NdArray<Float64Array>;
  /** (n) class indices. */
  readonly labels: Int32Array;
  /** `softmax`: a unit for every class. `sigmoid`: one unit, the logit of the second of two classes. */
  readonly head: 'softmax' | 'sigmoid';
  /** Whether its units have a bias: an input that is always 1. */
  readonly bias: boolean;
}

/** Sizes of a last layer, once they were found to agree. */
export interface LayerSize {
  readonly samples: number;
  /** Inputs, the constant one of the bias among them. */
  readonly width: number;
  readonly units: number;
}

/** @throws ENG_SHAPE_MISMATCH arrays do not describe the same samples, or a sigmoid has other than two classes. */
export function layerSize({ features, logProbabilities, labels, head, bias }: LastLayer): LayerSize {
  const [n = 0, width = 0] = features.shape;
  const classes = logProbabilities.shape[1] ?? 0;
  const fits =
    features.shape.length === 2 &&
    features.data.length === n * width &&
    logProbabilities.data.length === n * classes &&
    labels.length === n &&
    (head === 'softmax' || classes === 2);
  if (!fits)
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected features (n, width), log-probabilities (n, ${head === 'sigmoid' ? 2 : 'classes'}) and n labels, got (${features.shape.join(', ')}), (${logProbabilities.shape.join(', ')}) and ${labels.length}`,
    );
  return { samples: n, width: bias ? width + 1 : width, units: head === 'sigmoid' ? 1 : classes };
}

/** The layer's input on one sample, with the 1 of the bias. */
export function inputOf({ features, bias }: LastLayer, i: number): Float64Array {
  const width = features.shape[1]!;
  const input = new Float64Array(bias ? width + 1 : width).fill(1);
  input.set(features.data.subarray(i * width, (i + 1) * width));
  return input;
}

/** How wrong the layer is on one sample, kept apart into size and direction so that a sure prediction loses no digits. */
export interface SampleError {
  /** (units) probability of each unit's class. */
  readonly probabilities: Float64Array;
  /** (units) one minus that, from the other classes. */
  readonly complements: Float64Array;
  /** 1 - p_y. */
  readonly doubt: number;
  /**
   * (units) the gradient of the loss at the units, over `doubt`; also minus the gradient of the scaled confidence
   * log p_y - log(1 - p_y). Zero where `doubt` is 0.
   */
  readonly direction: Float64Array;
}

export function errorOf({ logProbabilities, labels, head }: LastLayer, i: number): SampleError {
  const classes = logProbabilities.shape[1]!;
  const p = logProbabilities.data.subarray(i * classes, (i + 1) * classes).map(Math.exp);
  // Of a probability close to 1 from the others: 1 - p would cancel.
  const complements = p.map((value, a) =>
    value > 0.5 ? p.reduce((sum, other, b) => (a === b ? sum : sum + other), 0) : 1 - value,
  );
  const label = labels[i]!;
  const doubt = complements[label]!;
  const share = doubt === 0 ? 0 : 1 / doubt;
  if (head === 'sigmoid')
    return {
      probabilities: p.subarray(1),
      complements: complements.subarray(1),
      doubt,
      direction: Float64Array.of(doubt === 0 ? 0 : 1 - 2 * label),
    };
  const direction = p.map((value, a) => (a === label ? -Math.sign(doubt) : value * share));
  return { probabilities: p, complements, doubt, direction };
}
