import { EngramError } from '@engram/domain';
import type { SessionSpec } from './spec.js';

export function unknownProgram(name: string, spec: SessionSpec): EngramError {
  const known = Object.keys(spec.programs).join(', ');
  return new EngramError('ENG_REQUEST_INVALID', `the session ${spec.name} has no program ${name}; it has: ${known}`);
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

/** The seeds of a session's runs: the given one, or the session's with the number of the run. */
export function seedOf(spec: SessionSpec): { next(given?: readonly [number, number]): readonly [number, number] } {
  let runs = 0;
  return {
    next(given) {
      runs += 1;
      return given ?? [(spec.seed ?? 0) | 0, runs | 0];
    },
  };
}
