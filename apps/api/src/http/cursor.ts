import { EngramError } from '@engram/domain';

/** A row offset as an opaque cursor. */
export function offsetCursor(offset: number): string {
  return Buffer.from(`row:${offset}`).toString('base64url');
}

/** @throws ENG_REQUEST_INVALID not one of our cursors. */
export function readOffsetCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const offset = /^row:(\d{1,12})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];
  if (offset === undefined) throw invalidCursor();
  return Number(offset);
}

export function invalidCursor(): EngramError {
  return new EngramError('ENG_REQUEST_INVALID', 'the cursor is not one this list gave out', {
    faults: [{ pointer: '?cursor', message: 'not a cursor of this list' }],
    remedy: 'Pass the nextCursor of the page before, or leave the cursor out to begin.',
  });
}
