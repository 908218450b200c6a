/**
 * Every failure engram can report, by code. Thrown by code and caught by code; `docs/errors.md` explains each,
 * `contract/problems` gives it a status, `queue/errors` decides whether a job is tried again.
 */
export const errorFamilies = {
  // The request is malformed.
  ENG_REQUEST_INVALID: 'invalid',
  ENG_MANIFEST_INVALID: 'invalid',
  ENG_FILE_TRUNCATED: 'invalid',
  ENG_FILE_UNREADABLE: 'invalid',
  ENG_FORMAT_UNSUPPORTED: 'invalid',
  ENG_ARCHIVE_UNSAFE: 'invalid',
  ENG_UPLOAD_TOO_LARGE: 'invalid',
  ENG_UNAUTHENTICATED: 'invalid',
  ENG_SETTINGS_INVALID: 'invalid',
  ENG_METHOD_NOT_ALLOWED: 'invalid',
  ENG_MEDIA_TYPE_UNSUPPORTED: 'invalid',
  // No such thing.
  ENG_ROUTE_NOT_FOUND: 'missing',
  ENG_MODEL_NOT_FOUND: 'missing',
  ENG_DATASET_NOT_FOUND: 'missing',
  ENG_AUDIT_NOT_FOUND: 'missing',
  ENG_REPORT_NOT_READY: 'missing',
  ENG_ARTIFACT_NOT_FOUND: 'missing',
  // State disagrees.
  ENG_IDEMPOTENCY_CONFLICT: 'conflict',
  ENG_AUDIT_ALREADY_FINISHED: 'conflict',
  ENG_IN_USE: 'conflict',
  // Well formed, but this target or these data cannot answer it.
  ENG_MODEL_UNSUPPORTED: 'notApplicable',
  ENG_MODEL_UNSAFE: 'notApplicable',
  ENG_ATTACK_NOT_APPLICABLE: 'notApplicable',
  ENG_ESTIMATOR_NOT_APPLICABLE: 'notApplicable',
  ENG_DATA_MODEL_MISMATCH: 'notApplicable',
  ENG_INSUFFICIENT_SAMPLES: 'notApplicable',
  ENG_FIELDS_INCONSISTENT: 'notApplicable',
  ENG_VALUES_NOT_FINITE: 'notApplicable',
  ENG_VALUES_INVALID: 'notApplicable',
  ENG_LABEL_OUT_OF_RANGE: 'notApplicable',
  ENG_ONE_CLASS_ONLY: 'notApplicable',
  ENG_SATURATED_OUTPUTS: 'notApplicable',
  ENG_NOT_REQUESTED: 'notApplicable',
  // Something we depend on failed or limited us.
  ENG_STORE_UNAVAILABLE: 'upstream',
  ENG_QUEUE_UNAVAILABLE: 'upstream',
  ENG_RATE_LIMITED: 'upstream',
  // The device.
  ENG_DEVICE_OUT_OF_MEMORY: 'device',
  ENG_DEVICE_LOST: 'device',
  ENG_NATIVE_LIBRARY_MISSING: 'device',
  // Stopped on request.
  ENG_AUDIT_CANCELLED: 'cancelled',
  // Our mistake.
  ENG_SHAPE_MISMATCH: 'internal',
  ENG_ARTIFACT_CORRUPT: 'internal',
  ENG_PROGRAM_NOT_RECORDABLE: 'internal',
  ENG_INTERNAL: 'internal',
} as const;

export type ErrorCode = keyof typeof errorFamilies;
export type ErrorFamily = (typeof errorFamilies)[ErrorCode];

/** A fault in one field of a request: a JSON pointer into the body, and what is wrong with it. */
export interface FieldFault {
  readonly pointer: string;
  readonly message: string;
}

export interface EngramErrorOptions {
  /** One sentence: what the reader can do about it. */
  readonly remedy?: string;
  readonly faults?: readonly FieldFault[];
  /** Numbers and names for logs and clients; never sample text, tokens or keys. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error class. The message states both sides ("expected 4 columns, got 3") and holds no sample content. */
export class EngramError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  readonly faults: readonly FieldFault[];
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: EngramErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EngramError';
    this.code = code;
    this.remedy = options.remedy;
    this.faults = options.faults ?? [];
    this.details = options.details ?? {};
  }

  get family(): ErrorFamily {
    return errorFamilies[this.code];
  }
}

/** An EngramError that crossed a process boundary. */
export interface SerializedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy?: string;
  readonly faults?: readonly FieldFault[];
  readonly details?: Readonly<Record<string, unknown>>;
  readonly stack?: string;
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorFamilies, code);
}

export function serializeError(error: unknown): SerializedError {
  const known = asEngramError(error);
  return {
    code: known.code,
    message: known.message,
    ...(known.remedy === undefined ? {} : { remedy: known.remedy }),
    ...(known.faults.length === 0 ? {} : { faults: known.faults }),
    details: known.details,
    ...(known.stack === undefined ? {} : { stack: known.stack }),
  };
}

export function deserializeError(error: SerializedError): EngramError {
  const { code, message, remedy, faults, details } = error;
  return new EngramError(code, message, {
    ...(remedy === undefined ? {} : { remedy }),
    ...(faults === undefined ? {} : { faults }),
    ...(details === undefined ? {} : { details }),
  });
}

/** Anything thrown, as an EngramError: what is not one of ours is ENG_INTERNAL with the original as its cause. */
export function asEngramError(error: unknown): EngramError {
  if (error instanceof EngramError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new EngramError('ENG_INTERNAL', message, { cause: error });
}
