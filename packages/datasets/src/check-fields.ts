import type { FieldName } from '@engram/domain';
import { type FieldProblem, numericProblems, textProblems } from './columns/column-problems.js';
import { NumericColumn } from './columns/numeric-column.js';
import type { TextColumn } from './columns/text-column.js';

export type Column = NumericColumn | TextColumn;
export type Columns = ReadonlyMap<FieldName, Column>;

/** Everything wrong with a dataset whose files could be read: within fields first, then between them. */
export function checkFields(columns: Columns): FieldProblem[] {
  const all = [...columns.values()];
  const empty = all.filter((column) => column.samples === 0).map(emptyField);
  if (empty.length > 0) return empty;
  const within = all.flatMap((column) =>
    column instanceof NumericColumn ? numericProblems(column) : textProblems(column),
  );
  return [
    ...within,
    ...countProblems(columns),
    ...referenceProblems(columns),
    ...classProblems(columns),
    ...memberProblems(columns),
  ];
}

export function numericField(columns: Columns, field: FieldName): NumericColumn | undefined {
  const column = columns.get(field);
  return column instanceof NumericColumn ? column : undefined;
}

function emptyField({ field, pointer }: Column): FieldProblem {
  return {
    code: 'ENG_INSUFFICIENT_SAMPLES',
    pointer,
    message: `${field} has no rows`,
    remedy: 'Send a dataset with at least one sample.',
  };
}

/** Every field speaks of the same samples; those that differ are held against the first of the count most fields have. */
function countProblems(columns: Columns): FieldProblem[] {
  const all = [...columns.values()];
  const sharing = ({ samples }: Column) => all.filter((other) => other.samples === samples).length;
  const agreed = all.reduce((best, column) => (sharing(column) > sharing(best) ? column : best));
  return all
    .filter((column) => column.samples !== agreed.samples)
    .map((column) => ({
      code: 'ENG_FIELDS_INCONSISTENT',
      pointer: column.pointer,
      message: `${column.field} has ${column.samples} samples, ${agreed.field} has ${agreed.samples}`,
      remedy: 'Write all fields from the same samples in the same order.',
      details: { [column.field]: column.samples, [agreed.field]: agreed.samples },
    }));
}

function referenceProblems(columns: Columns): FieldProblem[] {
  const references = [...columns.values()].filter(
    (column): column is NumericColumn => column instanceof NumericColumn && column.models !== undefined,
  );
  const [first, ...others] = references;
  if (first === undefined) return [];
  const problems: FieldProblem[] = others
    .filter((column) => column.models !== first.models)
    .map((column) => ({
      code: 'ENG_FIELDS_INCONSISTENT',
      pointer: column.pointer,
      message: `${column.field} has ${column.models} reference models, ${first.field} has ${first.models}`,
      remedy: 'Give every reference field for the same models in the same order.',
      details: { [column.field]: column.models, [first.field]: first.models },
    }));
  for (const [reference, own] of [
    ['referenceLogits', 'logits'],
    ['referenceProbabilities', 'probabilities'],
  ] as const) {
    const theirs = numericField(columns, reference);
    const ours = numericField(columns, own);
    if (theirs === undefined || ours === undefined || classesOf(theirs) === classesOf(ours)) continue;
    problems.push({
      code: 'ENG_FIELDS_INCONSISTENT',
      pointer: theirs.pointer,
      message: `${reference} has ${classesOf(theirs)} classes, ${own} has ${classesOf(ours)}`,
      remedy: 'Reference models must have the same classes as the target.',
    });
  }
  return problems;
}

/** Labels must be classes the outputs have. */
function classProblems(columns: Columns): FieldProblem[] {
  const label = numericField(columns, 'label');
  if (label === undefined) return [];
  for (const field of ['logits', 'probabilities', 'referenceLogits', 'referenceProbabilities'] as const) {
    const outputs = numericField(columns, field);
    if (outputs === undefined || label.maximum < classesOf(outputs)) continue;
    return [
      {
        code: 'ENG_LABEL_OUT_OF_RANGE',
        pointer: label.pointer,
        message: `labels go up to ${label.maximum}, ${field} has ${classesOf(outputs)} classes (0 to ${classesOf(outputs) - 1})`,
        remedy: 'Count classes from 0, and give outputs and labels of the same model.',
        details: { highestLabel: label.maximum, classes: classesOf(outputs) },
      },
    ];
  }
  return [];
}

function memberProblems(columns: Columns): FieldProblem[] {
  const member = numericField(columns, 'member');
  if (member === undefined || member.faults.notFlag.count + member.faults.notFinite.count > 0) return [];
  const nonMembers = member.samples - member.ones;
  if (member.ones > 0 && nonMembers > 0) return [];
  return [
    {
      code: 'ENG_ONE_CLASS_ONLY',
      pointer: member.pointer,
      message: `member marks ${member.ones} members and ${nonMembers} non-members; both must occur`,
      remedy:
        'Give samples of both kinds, or leave the field out and name this dataset as `members` or `nonMembers` of the audit.',
      details: { members: member.ones, nonMembers },
    },
  ];
}

/** A single output is that of a classifier with two classes. */
function classesOf(outputs: NumericColumn): number {
  return outputs.shape.sampleShape[0] ?? 2;
}
