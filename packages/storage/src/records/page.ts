import { EngramError } from '@engram/domain';

/** One page of a list, newest first. */
export interface RecordPage<T> {
  readonly items: readonly T[];
  /** Where the next page begins; null on the last. */
  readonly nextCursor: string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * Cursors name the last record of a page, not a count of records before it: what is added meanwhile neither repeats nor
 * hides anything.
 */
export function encodeCursor(list: string, lastId: string): string {
  return Buffer.from(`${list} ${lastId}`).toString('base64url');
}

/** @throws ENG_REQUEST_INVALID not a cursor of this list. */
export function decodeCursor(list: string, cursor: string): string {
  const [from, id, ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  if (from === list && id !== undefined && /^[a-z]{3}_[0-9a-z]{8,40}$/.test(id) && rest.length === 0) return id;
  const message = 'expected the nextCursor of a page of this list';
  throw new EngramError('ENG_REQUEST_INVALID', `cursor: ${message}`, {
    faults: [{ pointer: '/cursor', message }],
    remedy: 'Leave the cursor out to begin at the newest.',
  });
}

/** @param rows one more than the page holds, when there are more. */
export function pageOf<T>(list: string, rows: readonly T[], limit: number, idOf: (row: T) => string): RecordPage<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(list, idOf(last)) : null };
}
