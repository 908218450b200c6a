import assert from 'node:assert/strict';
import { EngramError } from '@engram/domain';

/** The error something is refused with, which must say what to do. */
export function refusalOf(refused: () => unknown): EngramError {
  try {
    refused();
  } catch (error) {
    assert.ok(error instanceof EngramError, String(error));
    assert.ok((error.remedy ?? '').length > 0, `no remedy: ${error.message}`);
    return error;
  }
  return assert.fail('nothing was refused');
}

/** The places in the request an error points at, in order. */
export function pointersOf({ faults }: EngramError): string[] {
  return faults.map(({ pointer }) => pointer);
}
