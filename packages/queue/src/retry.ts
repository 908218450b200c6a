import {
  asEngramError,
  type EngramError,
  type ErrorFamily,
  isErrorCode,
  type SerializedError,
  serializeError,
} from '@engram/domain';

export interface RetryPolicy {
  /** Tries in all; 1 = the first failure is final. */
  readonly attempts: number;
  /** Wait after the first failure; doubles with each further one. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

const never: RetryPolicy = { attempts: 1, firstDelayMs: 0, longestDelayMs: 0 };

/** Which failures are worth another try. What the request, the data or our own code got wrong stays wrong. */
export const retryPolicies: Readonly<Record<ErrorFamily, RetryPolicy>> = {
  invalid: never,
  missing: never,
  conflict: never,
  notApplicable: never,
  upstream: { attempts: 8, firstDelayMs: 1000, longestDelayMs: 60_000 },
  device: { attempts: 4, firstDelayMs: 500, longestDelayMs: 5000 },
  cancelled: never,
  internal: never,
};

export type RetryDecision = { readonly retry: false } | { readonly retry: true; readonly delayMs: number };

/**
 * Whether a failed try is followed by another.
 *
 * @param attempt which try failed, from 1.
 * @param chance in [0, 1): spreads the delay over its upper half, so that many jobs limited at once do not return at once.
 * A wait the upstream asked for (`details.retryAfterMs`) is kept to.
 */
export function decideRetry(error: EngramError, attempt: number, chance: number = Math.random()): RetryDecision {
  const policy = retryPolicies[error.family];
  if (attempt >= policy.attempts) return { retry: false };
  const backoffMs = Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
  const asked = error.details.retryAfterMs;
  const askedMs = typeof asked === 'number' && Number.isFinite(asked) ? Math.max(0, asked) : 0;
  return { retry: true, delayMs: Math.round(Math.max(askedMs, backoffMs * (0.5 + chance / 2))) };
}

/** An error as a job's failure reason: one line of JSON, without the stack (that is in the worker's log). */
export function encodeFailure(error: unknown): string {
  const { stack: _, ...transported } = serializeError(asEngramError(error));
  return JSON.stringify(transported);
}

/** Reads a failure reason back; one the queue itself wrote becomes ENG_INTERNAL. */
export function decodeFailure(reason: string | undefined): SerializedError {
  try {
    const error = JSON.parse(reason ?? '') as Partial<SerializedError> | null;
    if (error !== null && isErrorCode(error.code) && typeof error.message === 'string') return error as SerializedError;
  } catch {
    // Not ours: falls through.
  }
  return { code: 'ENG_INTERNAL', message: reason?.startsWith('job stalled') ? stalledTooOften : (reason ?? 'unknown') };
}

const stalledTooOften = 'the task was started many times and each time its worker vanished';
