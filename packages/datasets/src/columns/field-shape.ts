import type { FieldName } from '@engram/domain';
import { fieldError } from '../field-error.js';
import type { ColumnHeader } from '../reader.js';
import type { FieldRole } from '../roles.js';

/** A field's axes as read, before reference fields of row formats are turned round. */
export interface FieldShape {
  /** Shape of what the leading axis counts: samples, or models for reference fields given as arrays. */
  readonly rowShape: readonly number[];
  /** Shape of one sample's values (of one model). */
  readonly sampleShape: readonly number[];
}

/**
 * Checks the shape of a field and removes axes of length 1 that say nothing: a label of shape [n, 1] is one number a
 * sample.
 *
 * @param samplesLead whether the leading axis counts samples even for reference fields, as in row formats.
 * @throws ENG_FIELDS_INCONSISTENT a shape the field cannot have.
 */
export function fieldShape(
  field: FieldName,
  { values, perReference }: FieldRole,
  header: ColumnHeader,
  samplesLead: boolean,
  pointer: string,
): FieldShape {
  const { rowShape } = header;
  const refuse = (expected: string, remedy: string): never => {
    const leading = perReference && !samplesLead ? 'reference models' : 'rows';
    const message = `${field} needs ${expected}, got ${leading} of shape [${rowShape}]`;
    throw fieldError('ENG_FIELDS_INCONSISTENT', pointer, message, remedy);
  };
  if (rowShape.includes(0)) refuse('at least one value a row', 'Leave out fields without values.');
  if (values === 'input') return { rowShape, sampleShape: rowShape };
  const [second, ...rest] = rowShape;
  if (perReference && second === undefined)
    refuse(
      samplesLead ? 'an array with one value per reference model' : 'two axes or more: reference models, then samples',
      'Reference fields of arrays are models × samples × …; in CSV and JSON lines each row lists the models.',
    );
  const sampleShape = (perReference ? rest : rowShape).filter((axis) => axis !== 1);
  if (values === 'vector' || values === 'probabilities') {
    if (sampleShape.length > 1) refuse('one number per class', 'Give the outputs as samples × classes.');
  } else if (values === 'trace') {
    if (sampleShape.length !== 1)
      refuse(
        'the losses of each sample at two moments or more',
        'Give the trace as samples × moments, in order of time.',
      );
  } else if (sampleShape.length > 0)
    refuse(
      'one number a sample',
      field === 'label' ? 'Give class indexes instead of one-hot rows.' : 'Give one number per sample.',
    );
  return { rowShape: perReference ? [second!, ...sampleShape] : sampleShape, sampleShape };
}
