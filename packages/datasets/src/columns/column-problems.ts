import { EngramError, type ErrorCode } from '@engram/domain';
import type { NumericColumn } from './numeric-column.js';
import type { TextColumn } from './text-column.js';
import type { ValueTally } from './value-tally.js';

/** One thing wrong with a field's values, found once all of them have been seen. */
export interface FieldProblem {
  readonly code: ErrorCode;
  readonly pointer: string;
  readonly message: string;
  readonly remedy: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** All problems as one error: the first one's code and remedy, every one's fault. */
export function problemsError(problems: readonly FieldProblem[]): EngramError {
  const [first] = problems;
  if (first === undefined) throw new TypeError('an error needs a problem');
  const more = problems.length - 1;
  return new EngramError(first.code, more === 0 ? first.message : `${first.message} (and ${more} more)`, {
    remedy: first.remedy,
    faults: problems.map(({ pointer, message }) => ({ pointer, message })),
    ...(first.details === undefined ? {} : { details: first.details }),
  });
}

/** What is wrong with the values of a numeric field, each kind with its count and its first row. */
export function numericProblems(column: NumericColumn): FieldProblem[] {
  const { faults, field, role } = column;
  const problems: FieldProblem[] = [];
  const add = (tally: ValueTally | undefined, code: ErrorCode, what: string, remedy: string) => {
    if (tally === undefined || tally.count === 0) return;
    const place = placeOf(column, tally.first);
    const message = `${field} has ${what}: ${tally.count} in all, the first in ${place.words}`;
    problems.push({
      code,
      pointer: column.pointer,
      message,
      remedy,
      details: { count: tally.count, firstRow: place.row },
    });
  };
  add(
    faults.notFinite,
    'ENG_VALUES_NOT_FINITE',
    'values that are NaN, infinite or missing',
    'Remove these rows or replace their values.',
  );
  if (role.values === 'classIndex' || role.values === 'count') {
    const isLabel = role.values === 'classIndex';
    const code = isLabel ? 'ENG_LABEL_OUT_OF_RANGE' : 'ENG_VALUES_INVALID';
    const remedy = isLabel ? 'Give labels as integers 0 … k − 1.' : 'Give counts as integers from 0.';
    add(faults.notInteger, code, 'values that are not integers', remedy);
    add(faults.negative, code, 'negative values', remedy);
    add(faults.tooLarge, code, 'values above 2147483647', remedy);
  }
  add(
    faults.notFlag,
    'ENG_VALUES_INVALID',
    'values that are neither 0 nor 1',
    'Give 1 for members and 0 for non-members.',
  );
  if (role.values === 'loss' || role.values === 'trace')
    add(
      faults.negative,
      'ENG_VALUES_INVALID',
      'negative values',
      'Give the loss in nats, −log p of the true label, not its negative.',
    );
  add(
    faults.notProbability,
    'ENG_VALUES_INVALID',
    'values outside [0, 1]',
    'Give probabilities; raw outputs belong in a logits field.',
  );
  add(
    column.rowSums?.wrong,
    'ENG_VALUES_INVALID',
    'rows that do not sum to 1 within 0.001',
    'Give the probabilities of all classes; raw outputs belong in a logits field.',
  );
  return problems;
}

/** Ids that occur twice. */
export function textProblems(column: TextColumn): FieldProblem[] {
  if (column.field !== 'id' || column.repeated.count === 0) return [];
  const { count, first } = column.repeated;
  return [
    {
      code: 'ENG_VALUES_INVALID',
      pointer: column.pointer,
      message: `id has values that occur before: ${count} in all, the first in row ${first} (counted from 0)`,
      remedy: 'Give every sample an id of its own, or leave the field out.',
      details: { count, firstRow: first },
    },
  ];
}

function placeOf(column: NumericColumn, element: number): { readonly row: number; readonly words: string } {
  const unit = column.shape.sampleShape.reduce((product, axis) => product * axis, 1);
  if (!column.role.perReference) {
    const row = Math.floor(element / unit);
    return { row, words: `row ${row} (counted from 0)` };
  }
  const inner = column.shape.rowShape[0] ?? 1;
  const outer = Math.floor(element / (inner * unit));
  const second = Math.floor(element / unit) % inner;
  const [sample, model] = column.samplesLead ? [outer, second] : [second, outer];
  return { row: sample, words: `sample ${sample} of reference model ${model} (both counted from 0)` };
}
