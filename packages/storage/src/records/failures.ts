import { EngramError } from '@engram/domain';
import { DrizzleQueryError } from 'drizzle-orm/errors';

/** Classes of SQL state that say the server is not (or no longer) there, not that the statement was wrong. */
const awayStates = ['08', '53', '57', '58'];

/**
 * Runs a statement; what the driver throws becomes one of our errors. The library's own message quotes the statement
 * with its values, which must not reach a log: only the driver's error is kept, as the cause.
 */
export async function withDatabase<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof EngramError) throw thrown;
    const cause = thrown instanceof DrizzleQueryError ? thrown.cause : thrown;
    const state = String((cause as { code?: unknown } | undefined)?.code ?? '');
    if (state === '22021' || state === '22P05')
      throw new EngramError('ENG_REQUEST_INVALID', 'a text holds a NUL character, which the database cannot keep', {
        remedy: 'Leave NUL characters out of names.',
      });
    if (!/^[0-9A-Z]{5}$/.test(state) || awayStates.includes(state.slice(0, 2)))
      throw new EngramError('ENG_STORE_UNAVAILABLE', 'the database did not answer', {
        remedy: 'Check that the database runs and that DATABASE_URL names it; then try again.',
        cause,
      });
    throw new EngramError('ENG_INTERNAL', `the database refused a statement (SQL state ${state})`, { cause });
  }
}
