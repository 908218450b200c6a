import { EngramError } from '@engram/domain';

export function unknownProgram(name: string, session: string, known: readonly string[]): EngramError {
  return new EngramError(
    'ENG_REQUEST_INVALID',
    `the session ${session} has no program ${name}; it has: ${known.join(', ')}`,
  );
}

export function unknownVariable(name: string, session: string, known: readonly string[]): EngramError {
  return new EngramError(
    'ENG_REQUEST_INVALID',
    `the session ${session} has no variable ${name}; it has: ${known.join(', ') || 'none'}`,
  );
}

export function missingInput(program: string, input: string): EngramError {
  return new EngramError('ENG_REQUEST_INVALID', `the program ${program} needs the input ${input}`);
}
