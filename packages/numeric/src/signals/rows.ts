import { EngramError, type NdArray } from '@engram/domain';
import { nonFiniteValues } from './non-finite.js';

/** Model outputs as rows of class values: (n, C), or (n) and (n, 1) for one output of a two-class model. */
export interface Rows {
  readonly count: number;
  /** Values per row as stored; 1 means a single output that stands for class 1. */
  readonly width: number;
  readonly classes: number;
}

export function rowsOf(outputs: NdArray): Rows {
  const [count, width = 1] = outputs.shape;
  if (count === undefined || outputs.shape.length > 2 || width < 1 || outputs.data.length !== count * width) {
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected outputs of shape (samples, classes), got (${outputs.shape.join(', ')}) over ${outputs.data.length} values`,
    );
  }
  return { count, width, classes: width === 1 ? 2 : width };
}

export function checkLabels(labels: ArrayLike<number>, rows: Rows): void {
  if (labels.length !== rows.count) {
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected ${rows.count} labels, one per row, got ${labels.length}`);
  }
  let faulty = 0;
  let first = -1;
  for (let i = 0; i < labels.length; i += 1) {
    const label = labels[i]!;
    if (Number.isInteger(label) && label >= 0 && label < rows.classes) continue;
    if (faulty === 0) first = i;
    faulty += 1;
  }
  if (faulty > 0) {
    throw new EngramError(
      'ENG_LABEL_OUT_OF_RANGE',
      `expected whole labels in 0..${rows.classes - 1} for ${rows.classes} classes, got ${faulty} outside, first in row ${first}`,
      {
        remedy: 'Number the classes from 0 in the order of the model outputs.',
        details: { count: faulty, firstRow: first, classes: rows.classes },
      },
    );
  }
}

export function checkFinite(outputs: NdArray, rows: Rows): void {
  const faulty = nonFiniteValues(outputs.data);
  if (faulty === null) return;
  const firstRow = Math.floor(faulty.first / rows.width);
  throw new EngramError(
    'ENG_VALUES_NOT_FINITE',
    `expected finite outputs, got ${faulty.count} NaN or infinite values, first in row ${firstRow}`,
    {
      remedy: 'Check the preprocessing and the precision the model was run in, and send finite outputs.',
      details: { count: faulty.count, firstRow },
    },
  );
}
