import type { InspectedDataset, InspectedModel } from '@engram/domain';
import { fieldError } from './field-error.js';

/** How a dataset is given to a model. */
export type DatasetMatch =
  | {
      readonly kind: 'input';
      /** Shape of one row as the model takes it, every axis known. */
      readonly rowShape: readonly number[];
      /** Whether that differs from the stored shape (by axes of length 1 only, so the values stay in order). */
      readonly reshaped: boolean;
    }
  | { readonly kind: 'text'; readonly field: 'text' | 'secret' };

/** What of a model says which datasets fit it. */
export type FittedModel = Pick<InspectedModel, 'task' | 'inputs' | 'classCount'>;

/**
 * Whether a model can be run on a dataset: the shape of a row equals the model's input after axes of length 1 are left
 * out of both, and labels are classes the model has.
 *
 * @param pointer place of the dataset in the request, `/data/members`.
 * @returns how rows must be reshaped.
 * @throws ENG_DATA_MODEL_MISMATCH stating both shapes, or the field that is missing. ENG_LABEL_OUT_OF_RANGE.
 */
export function matchDatasetToModel(dataset: InspectedDataset, model: FittedModel, pointer: string): DatasetMatch {
  if (model.task === 'causal-lm') return matchTexts(dataset, pointer);
  const match = matchShapes(dataset, model, pointer);
  const { classCount } = dataset;
  if (classCount !== undefined && model.classCount !== undefined && classCount > model.classCount)
    throw fieldError(
      'ENG_LABEL_OUT_OF_RANGE',
      pointer,
      `the labels go up to ${classCount - 1}, the model has ${model.classCount} classes (0 to ${model.classCount - 1})`,
      'Count classes from 0, and use the model that was trained on these classes.',
      { details: { highestLabel: classCount - 1, classes: model.classCount } },
    );
  return match;
}

function matchTexts(dataset: InspectedDataset, pointer: string): DatasetMatch {
  for (const field of ['text', 'secret'] as const)
    if (dataset.fields[field] !== undefined) return { kind: 'text', field };
  throw fieldError(
    'ENG_DATA_MODEL_MISMATCH',
    pointer,
    `a language model needs a text field, the dataset has ${Object.keys(dataset.fields).join(', ')}`,
    'Name the texts in the dataset manifest with `text`.',
  );
}

function matchShapes(dataset: InspectedDataset, model: FittedModel, pointer: string): DatasetMatch {
  const stored = dataset.fields.input;
  if (stored?.kind !== 'numeric')
    throw fieldError(
      'ENG_DATA_MODEL_MISMATCH',
      pointer,
      `the model needs an input field, the dataset has ${Object.keys(dataset.fields).join(', ')}`,
      'Name the inputs in the dataset manifest with `input`, or leave the model out to audit recorded outputs.',
    );
  const [input, ...others] = model.inputs;
  if (input === undefined || others.length > 0)
    throw fieldError(
      'ENG_DATA_MODEL_MISMATCH',
      pointer,
      `the model has ${model.inputs.length} inputs (${model.inputs.map(({ name }) => name).join(', ')}), a dataset gives one`,
      'Export the model with a single input.',
    );
  const rowShape = fitShape(stored.rowShape, input.shape);
  if (rowShape !== undefined) return { kind: 'input', rowShape, reshaped: rowShape.join() !== stored.rowShape.join() };
  throw fieldError(
    'ENG_DATA_MODEL_MISMATCH',
    pointer,
    `rows have shape [${stored.rowShape}], the model's input "${input.name}" has [${input.shape.map((axis) => axis ?? 'any')}]`,
    stored.rowShape.length === input.shape.length
      ? 'Give the inputs as the model was trained on them.'
      : 'Give the inputs with the axes the model was trained on (images as height × width × channels, or flat).',
    { details: { rowShape: stored.rowShape, inputShape: input.shape } },
  );
}

/** The model's shape with its open axes filled in, when the row fits it; axes of length 1 may be anywhere. */
function fitShape(rowShape: readonly number[], inputShape: readonly (number | null)[]): number[] | undefined {
  const direct = inputShape.map((axis, i) => axis ?? rowShape[i] ?? 1);
  if (rowShape.length === inputShape.length && direct.every((axis, i) => axis === rowShape[i])) return direct;
  const given = rowShape.filter((axis) => axis !== 1);
  const filled: number[] = [];
  // Open axes take what is given in order; those left over when nothing is left to take are 1.
  let open = given.length - inputShape.filter((axis) => axis !== null && axis !== 1).length;
  for (const axis of inputShape) {
    if (axis === 1) filled.push(1);
    else if (axis !== null) {
      if (given.shift() !== axis) return undefined;
      filled.push(axis);
    } else {
      filled.push(open > 0 ? (given.shift() ?? 1) : 1);
      open--;
    }
  }
  return given.length === 0 ? filled : undefined;
}
