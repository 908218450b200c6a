import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type AuditRequestInput, auditRequest } from '@engram/contract';
import type { StoredDataset, StoredModel } from '@engram/domain';
import type { Decisions } from '../decisions.js';
import { decide } from '../preflight/decide.js';
import type { AuditResources, DataRole } from '../resources.js';
import { classifier, dataset } from './made-resources.js';
import { pointersOf, refusalOf } from './refusal.js';

/** What differs from a default membership audit of a classifier, on a thousand members and as many non-members. */
export interface Given {
  readonly tests?: AuditRequestInput['tests'];
  /** Null: the datasets hold recorded outputs. */
  readonly model?: StoredModel | null;
  readonly datasets?: Partial<Record<DataRole, StoredDataset>>;
  readonly references?: readonly StoredModel[];
}

export const members = dataset({ id: 'members' });
export const nonMembers = dataset({ id: 'nonMembers' });

/** What preflight decides. */
export function settle({
  tests = { membership: {} },
  model = classifier(),
  datasets = { members, nonMembers },
  references = [],
}: Given = {}): Decisions {
  const data = { members: 'dst_members1', nonMembers: 'dst_nonMembers1' };
  const resources: AuditResources = { datasets, references, ...(model === null ? {} : { model }) };
  return decide('aud_1', auditRequest.parse({ data, tests }), resources).decisions;
}

/** One test for each: what is refused, how it is given, with which code, and where it points. */
export function itRefuses(cases: readonly (readonly [string, Given, string, readonly string[]])[]): void {
  for (const [what, given, code, at] of cases)
    it(`refuses ${what}`, () => {
      const error = refusalOf(() => settle(given));
      assert.equal(error.code, code);
      assert.deepEqual(pointersOf(error), at);
    });
}
