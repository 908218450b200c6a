import { EngramError, type NdArray } from '@engram/domain';
import { nonFiniteValues } from '@engram/numeric';

/**
 * Loss under the Taylor softmax with soft margin: exp replaced by 1 + u + u^2/2 + u^3/6, and the true class's logit
 * lowered by a margin. Its negative exponential is the probability the authors of RMIA use.
 *
 * @param logits (n, classes).
 * @param labels (n) class indices.
 * @param options.temperature divides the logits; 2 by default. options.margin 0.6 by default.
 * @returns (n) nats; lower = better fitted. The polynomial is negative below -1.596: such terms count as 0, and a true
 *   class there gets a loss of 745, the largest a double's probability can show.
 * @throws ENG_SHAPE_MISMATCH. ENG_LABEL_OUT_OF_RANGE. ENG_VALUES_NOT_FINITE in the logits.
 * @see Zarifzadeh et al. 2024, appendix on the choice of probability; de Brébisson and Vincent 2016.
 */
export function taylorSoftmaxLoss(
  logits: NdArray,
  labels: Int32Array,
  { temperature = 2, margin = 0.6 }: { readonly temperature?: number; readonly margin?: number } = {},
): Float64Array {
  const [n, classes] = logits.shape;
  if (logits.shape.length !== 2 || n !== labels.length || logits.data.length !== n * classes)
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected logits of shape (${labels.length}, classes), got (${logits.shape.join(', ')})`,
    );
  if (nonFiniteValues(logits.data) !== null)
    throw new EngramError('ENG_VALUES_NOT_FINITE', 'expected finite logits, got some that are not');
  return Float64Array.from(labels, (label, i) => {
    if (label < 0 || label >= classes)
      throw new EngramError('ENG_LABEL_OUT_OF_RANGE', `expected labels from 0 to ${classes - 1}, got ${label}`);
    let others = 0;
    for (let j = 0; j < classes; j += 1) {
      if (j !== label) others += taylorExponential(logits.data[i * classes + j] / temperature);
    }
    const truth = taylorExponential(logits.data[i * classes + label] / temperature - margin);
    return truth === 0 ? 745 : -Math.log(truth / (truth + others));
  });
}

function taylorExponential(u: number): number {
  return Math.max(0, 1 + u + (u * u) / 2 + (u * u * u) / 6);
}
