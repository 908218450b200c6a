import type { InputRange } from '@engram/attacks';
import { EngramError } from '@engram/domain';
import type { AuditRows } from '../audit-rows.js';

/** The range given with the measure, else from the lowest to the highest value among the inputs of the audit. */
export function inputRangeOf(rows: AuditRows, given: InputRange | null): InputRange {
  if (given !== null) return given;
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { dataset } of rows.parts) {
    const stored = dataset.inspected.fields.input;
    if (stored?.kind !== 'numeric') throw new EngramError('ENG_INTERNAL', 'the inputs of a classifier are not numbers');
    lowest = Math.min(lowest, stored.minimum);
    highest = Math.max(highest, stored.maximum);
  }
  return [lowest, highest];
}
