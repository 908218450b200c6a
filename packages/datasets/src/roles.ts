import { type FieldName, referenceFieldNames } from '@engram/domain';

/**
 * What the values of a field are. Per sample: `input` any shape; `classIndex`, `count`, `flag`, `scalar`, `loss` one
 * number; `vector` and `probabilities` one number per class; `trace` one loss per moment; `text` a string.
 */
export type Values =
  | 'input'
  | 'classIndex'
  | 'count'
  | 'flag'
  | 'scalar'
  | 'loss'
  | 'vector'
  | 'probabilities'
  | 'trace'
  | 'text';

export interface FieldRole {
  readonly values: Values;
  /** Whether the values are those of reference models: one more axis, which counts models. */
  readonly perReference: boolean;
}

const values: Readonly<Record<FieldName, Values>> = {
  input: 'input',
  label: 'classIndex',
  target: 'scalar',
  member: 'flag',
  id: 'text',
  text: 'text',
  secret: 'text',
  repetitions: 'count',
  logits: 'vector',
  probabilities: 'probabilities',
  predictedLabel: 'classIndex',
  prediction: 'scalar',
  loss: 'loss',
  scaledConfidence: 'scalar',
  lossTrace: 'trace',
  referenceLogits: 'vector',
  referenceProbabilities: 'probabilities',
  referencePrediction: 'scalar',
  referenceLoss: 'loss',
  referenceScaledConfidence: 'scalar',
  referenceMember: 'flag',
};

export function roleOf(field: FieldName): FieldRole {
  const perReference = (referenceFieldNames as readonly FieldName[]).includes(field);
  return { values: values[field], perReference };
}
