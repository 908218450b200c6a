import { asEngramError } from '@engram/domain';

/** Ends the process with an error as a person at a terminal wants it: what is wrong and what to do, no stack. */
export function tellAndExit(error: unknown): never {
  const { code, message, remedy, stack } = asEngramError(error);
  console.error(code === 'ENG_INTERNAL' ? (stack ?? message) : `${code}: ${message}`);
  if (remedy !== undefined) console.error(remedy);
  process.exit(1);
}
