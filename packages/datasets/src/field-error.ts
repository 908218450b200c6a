import { EngramError, type ErrorCode } from '@engram/domain';

export interface FieldErrorOptions {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error about one place of the manifest: the message is both the error's and the fault's. */
export function fieldError(
  code: ErrorCode,
  pointer: string,
  message: string,
  remedy: string,
  options: FieldErrorOptions = {},
): EngramError {
  return new EngramError(code, message, { remedy, faults: [{ pointer, message }], ...options });
}

/** A file that ends before what its own header states. */
export function truncatedFile(
  file: { readonly path: string; readonly pointer: string },
  expectedBytes: number,
  gotBytes: number,
): EngramError {
  return fieldError(
    'ENG_FILE_TRUNCATED',
    file.pointer,
    `${file.path} should hold ${expectedBytes} bytes by its own header, got ${gotBytes}`,
    'Send the whole file again; compare its size with the original.',
    { details: { expectedBytes, gotBytes } },
  );
}

/** A file whose bytes are not what the manifest says they are. */
export function unreadableFile(
  file: { readonly path: string; readonly pointer: string },
  why: string,
  cause?: unknown,
): EngramError {
  return fieldError(
    'ENG_FILE_UNREADABLE',
    file.pointer,
    `${file.path} cannot be read: ${why}`,
    'Check the file with the program that wrote it, and that `format` names what it is.',
    cause === undefined ? {} : { cause },
  );
}

/** A name from an upload, safe to print: quoted, without control characters, at most 60 characters. */
export function printable(name: string): string {
  const short = name.length > 60 ? `${name.slice(0, 57)}...` : name;
  return JSON.stringify(short).replace(/[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '?');
}
