import type { Report } from '@engram/contract';

/**
 * A report without what differs between two runs of the same request on the same bytes: the audit's id, and the ids
 * the uploads were given.
 */
export function numbersOf({ auditId: _, reproduce, ...report }: Report) {
  const { model: _model, data: _data, ...request } = reproduce.request;
  return { ...report, reproduce: { ...reproduce, request } };
}
