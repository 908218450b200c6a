import { EngramError } from '@engram/domain';

/** A program that cannot be recorded, with what to do instead. */
export function notRecordable(message: string, remedy: string): EngramError {
  return new EngramError('ENG_PROGRAM_NOT_RECORDABLE', message, { remedy });
}
