import { EngramError, type ErrorCode, type SerializedError } from '@engram/domain';
import { z } from 'zod';
import { problemKinds } from './problem-kinds.js';
import { errorCode } from './report/measured.js';

export const problemMediaType = 'application/problem+json';

/** A fault in one field of the request: JSON pointer into its body, or the name of a query parameter or file. */
export const fieldFault = z.strictObject({ pointer: z.string(), message: z.string() }).meta({ id: 'FieldFault' });

/** Any failure, as RFC 9457 has it. */
export const problem = z
  .strictObject({
    /** Where the problem is explained, relative to the service. */
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    /** Path of the request that failed. */
    instance: z.string().optional(),
    code: errorCode,
    errors: z.array(fieldFault),
    /** What can be done about it. */
    remedy: z.string(),
    /** Names the request in the service's log. */
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problem>;

export function problemStatus(code: ErrorCode): number {
  return problemKinds[code].status;
}

export function problemType(code: ErrorCode): string {
  return `/docs/errors#${code.toLowerCase()}`;
}

/** What a client is told of a request that failed. Messages of our own mistakes stay in the log: they may name paths. */
export function problemOf(
  error: EngramError | SerializedError,
  where: { readonly instance?: string; readonly requestId?: string } = {},
): Problem {
  const told = problemOfTask(error);
  return {
    ...told,
    detail: told.status === 500 ? problemKinds[error.code].meaning : told.detail,
    ...(where.instance === undefined ? {} : { instance: where.instance }),
    ...(where.requestId === undefined ? {} : { requestId: where.requestId }),
  };
}

/** Why an audit failed. Its messages are shown as they are: they are about the user's own model and data. */
export function problemOfTask(error: EngramError | SerializedError): Problem {
  const kind = problemKinds[error.code];
  return {
    type: problemType(error.code),
    title: kind.title,
    status: kind.status,
    detail: error.message,
    code: error.code,
    errors: [...(error.faults ?? [])],
    remedy: error.remedy ?? kind.remedy,
  };
}

/** The error a problem was made from, for clients. */
export function errorOf(body: Problem): EngramError {
  return new EngramError(body.code, body.detail, { remedy: body.remedy, faults: body.errors });
}
