import type { ErrorCode } from '@engram/domain';

export interface ProblemKind {
  /** HTTP status when the code ends a request. */
  readonly status: number;
  readonly title: string;
  readonly meaning: string;
  /** Said when the error itself names no better one. */
  readonly remedy: string;
}

/** How each code looks from outside. Explained at length in docs/errors.md, which a test holds to this table. */
export const problemKinds: Readonly<Record<ErrorCode, ProblemKind>> = {
  ENG_REQUEST_INVALID: {
    status: 400,
    title: 'The request is malformed',
    meaning: 'A field is missing, unknown or has a value outside its range, or the body is not JSON.',
    remedy: 'Correct the fields named in `errors`; the schema is at /openapi.json.',
  },
  ENG_MANIFEST_INVALID: {
    status: 400,
    title: 'The manifest is malformed or does not fit the files',
    meaning: 'The `manifest` part misses a field, has an unknown one, or names a file that was not sent.',
    remedy: 'Correct the manifest where `errors` points; the schema is at /openapi.json.',
  },
  ENG_FILE_TRUNCATED: {
    status: 400,
    title: 'A file ends too early',
    meaning: 'A file holds fewer bytes than its own header promises.',
    remedy: 'Send the whole file again; compare its size with the original.',
  },
  ENG_FILE_UNREADABLE: {
    status: 400,
    title: 'A file cannot be read',
    meaning: 'The bytes are not what the manifest or the file name says they are.',
    remedy: 'Check the file with the program that wrote it and send it again.',
  },
  ENG_FORMAT_UNSUPPORTED: {
    status: 400,
    title: 'The format is not supported',
    meaning: 'The format or a variant of it (element type, compression, byte order) is not one engram reads.',
    remedy: 'Convert the file to a format listed in /v1/capabilities.',
  },
  ENG_ARCHIVE_UNSAFE: {
    status: 400,
    title: 'The archive or a path is unsafe',
    meaning: 'A path leaves its folder, an entry is a link, or an archive unpacks to more than the limits allow.',
    remedy: 'Use plain relative paths with forward slashes, and send large files one by one instead of archived.',
  },
  ENG_UPLOAD_TOO_LARGE: {
    status: 413,
    title: 'The upload is too large',
    meaning: 'A file, the whole upload, the number of files or the request body passes its limit.',
    remedy: 'Send less; the limits are in /v1/capabilities and are set where the service is started.',
  },
  ENG_UNAUTHENTICATED: {
    status: 401,
    title: 'No valid key was given',
    meaning: 'The service asks for a key and the request carried none, or one it does not know.',
    remedy: 'Send the header `Authorization: Bearer <key>`.',
  },
  ENG_METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'The method is not allowed here',
    meaning: 'The path exists but not for this HTTP method.',
    remedy: 'Use a method named in the `Allow` header.',
  },
  ENG_MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'The media type is not supported',
    meaning: 'The body has a `Content-Type` this route does not read.',
    remedy: 'Send application/json, or multipart/form-data to upload files.',
  },
  ENG_SETTINGS_INVALID: {
    status: 500,
    title: 'A setting is wrong',
    meaning: 'An environment variable or option of a process has a value it cannot use; the process does not start.',
    remedy: 'Correct or unset the variables named.',
  },
  ENG_ROUTE_NOT_FOUND: {
    status: 404,
    title: 'No such path',
    meaning: 'Nothing is served at this path.',
    remedy: 'The paths are listed in /openapi.json.',
  },
  ENG_MODEL_NOT_FOUND: {
    status: 404,
    title: 'No such model',
    meaning: 'This project has no model of this id.',
    remedy: 'List the models with GET /v1/models, or upload one with POST /v1/models.',
  },
  ENG_DATASET_NOT_FOUND: {
    status: 404,
    title: 'No such dataset',
    meaning: 'This project has no dataset of this id.',
    remedy: 'List the datasets with GET /v1/datasets, or upload one with POST /v1/datasets.',
  },
  ENG_AUDIT_NOT_FOUND: {
    status: 404,
    title: 'No such audit',
    meaning: 'This project has no audit of this id.',
    remedy: 'List the audits with GET /v1/audits.',
  },
  ENG_REPORT_NOT_READY: {
    status: 404,
    title: 'There is no report yet',
    meaning: 'The audit has not finished, or it ended without a report.',
    remedy: 'Wait with GET /v1/audits/{id}?wait=30 until its status is succeeded.',
  },
  ENG_ARTIFACT_NOT_FOUND: {
    status: 404,
    title: 'Stored bytes are missing',
    meaning: 'A file or array that a record names is no longer in the artifact store.',
    remedy: 'Upload the model or dataset again, and check that nothing else deletes from the store.',
  },
  ENG_IDEMPOTENCY_CONFLICT: {
    status: 409,
    title: 'The idempotency key was used for another request',
    meaning: 'An earlier request with the same `Idempotency-Key` had a different body.',
    remedy: 'Use a new key for a new request.',
  },
  ENG_AUDIT_ALREADY_FINISHED: {
    status: 409,
    title: 'The audit has already finished',
    meaning: 'A finished audit cannot be cancelled.',
    remedy: 'Read its report, or post a new audit.',
  },
  ENG_IN_USE: {
    status: 409,
    title: 'Still in use',
    meaning: 'An audit refers to this model or dataset.',
    remedy: 'Wait for the audits named to finish, or cancel them.',
  },
  ENG_MODEL_UNSUPPORTED: {
    status: 422,
    title: 'The model uses something not supported',
    meaning: 'A layer, operator, architecture or kind of model is not one engram runs.',
    remedy: 'Export the model in one of the forms listed in /v1/capabilities.',
  },
  ENG_MODEL_UNSAFE: {
    status: 422,
    title: 'The model would run code',
    meaning: 'The file holds code (a pickle, a Lambda layer, custom Python), which engram never executes.',
    remedy: 'Export the model without code: plain layers, ONNX or safetensors.',
  },
  ENG_ATTACK_NOT_APPLICABLE: {
    status: 422,
    title: 'The attack cannot be run on this model and data',
    meaning: 'The attack needs an ability or a field that the model or dataset does not have.',
    remedy: 'Leave the attack out, or provide what it requires; /v1/capabilities lists that.',
  },
  ENG_ESTIMATOR_NOT_APPLICABLE: {
    status: 422,
    title: 'The estimator cannot be run on this model and data',
    meaning: 'The estimator of unlearning difficulty needs an ability or a field that is not there.',
    remedy: 'Leave the estimator out, or provide what it requires; /v1/capabilities lists that.',
  },
  ENG_DATA_MODEL_MISMATCH: {
    status: 422,
    title: 'The data do not fit the model',
    meaning: 'Rank, width or number of classes of the dataset differ from what the model takes or gives.',
    remedy: 'Prepare the dataset exactly as the model takes it: the shapes of both are in their resources.',
  },
  ENG_INSUFFICIENT_SAMPLES: {
    status: 422,
    title: 'Too few samples',
    meaning: 'The data cannot show what is asked: a false positive rate below one over the non-members, an empty set.',
    remedy: 'Give more samples or ask for a higher false positive rate.',
  },
  ENG_FIELDS_INCONSISTENT: {
    status: 422,
    title: 'The fields of the dataset do not agree',
    meaning: 'Two fields hold different numbers of rows, or the rows of a field do not have the shape it needs.',
    remedy: 'Write all fields from the same samples, one row each; the message states both sides.',
  },
  ENG_VALUES_NOT_FINITE: {
    status: 422,
    title: 'Values are not finite',
    meaning: 'A field or a weight holds NaN or infinity.',
    remedy: 'Remove or replace the rows; the message tells how many and the first.',
  },
  ENG_VALUES_INVALID: {
    status: 422,
    title: 'A field holds values it may not',
    meaning: 'A membership other than 0 or 1, a probability outside [0, 1], a negative loss, or an id used twice.',
    remedy: 'Correct the rows; the message tells how many and the first.',
  },
  ENG_LABEL_OUT_OF_RANGE: {
    status: 422,
    title: 'A label is out of range',
    meaning: 'A label is negative, fractional or not below the number of classes.',
    remedy: 'Number the classes 0 to classes − 1 as the model does.',
  },
  ENG_ONE_CLASS_ONLY: {
    status: 422,
    title: 'Only one class is present',
    meaning: 'Members and non-members must both occur; one of the two is missing.',
    remedy: 'Give samples of both kinds.',
  },
  ENG_SATURATED_OUTPUTS: {
    status: 422,
    title: 'The outputs are saturated',
    meaning: 'Probabilities are rounded so close to 0 or 1 that the order of confidences is lost.',
    remedy: 'Give logits, or losses in float64.',
  },
  ENG_NOT_REQUESTED: {
    status: 422,
    title: 'Not asked for',
    meaning: 'The number belongs to a test or option the audit did not ask for.',
    remedy: 'Ask for the test in a new audit.',
  },
  ENG_STORE_UNAVAILABLE: {
    status: 503,
    title: 'The store cannot be reached',
    meaning: 'The database or the artifact store does not answer.',
    remedy: 'Try again; /readyz tells which part is away.',
  },
  ENG_QUEUE_UNAVAILABLE: {
    status: 503,
    title: 'The queue cannot be reached',
    meaning: 'Redis does not answer.',
    remedy: 'Try again; an audit that was accepted is not lost.',
  },
  ENG_RATE_LIMITED: {
    status: 503,
    title: 'Too many requests',
    meaning: 'This service, or an endpoint it asks, takes no more requests for now.',
    remedy: 'Wait as long as `Retry-After` says and try again.',
  },
  ENG_DEVICE_OUT_OF_MEMORY: {
    status: 503,
    title: 'The device ran out of memory',
    meaning: 'The work did not fit the memory of the GPU or machine, even in smaller batches.',
    remedy: 'Run a worker with more memory, or audit a smaller model or fewer samples.',
  },
  ENG_DEVICE_LOST: {
    status: 503,
    title: 'The device was lost',
    meaning: 'The process that owns the device died again and again while running a task.',
    remedy: 'Look at the log of the worker; `engram doctor` checks the device.',
  },
  ENG_NATIVE_LIBRARY_MISSING: {
    status: 503,
    title: 'A native library is missing',
    meaning: 'The worker cannot load the library the task needs.',
    remedy: 'Run `npm run setup` on the worker; `engram doctor` tells what is missing.',
  },
  ENG_AUDIT_CANCELLED: {
    status: 409,
    title: 'The audit was cancelled',
    meaning: 'It was stopped on request and has no report.',
    remedy: 'Post the audit again; finished parts of it are reused.',
  },
  ENG_SHAPE_MISMATCH: {
    status: 500,
    title: 'Internal error: shapes disagree',
    meaning: 'Two arrays that must agree do not. This is a fault of engram.',
    remedy: 'Report it with the request id.',
  },
  ENG_ARTIFACT_CORRUPT: {
    status: 500,
    title: 'Stored bytes were damaged',
    meaning: 'An artifact no longer has the digest it was stored under.',
    remedy: 'Check the disk or object store; upload again or repeat the audit.',
  },
  ENG_PROGRAM_NOT_RECORDABLE: {
    status: 500,
    title: 'A program cannot be recorded',
    meaning:
      'A step does something a recording would freeze: it reads a value, draws random numbers in JavaScript, or makes a large constant.',
    remedy: 'Run with ENGRAM_ENGINE=eager to go on, and report it with the audit id.',
  },
  ENG_INTERNAL: {
    status: 500,
    title: 'Internal error',
    meaning: 'An unexpected failure. This is a fault of engram.',
    remedy: 'Report it with the request id; the log has the details.',
  },
};
