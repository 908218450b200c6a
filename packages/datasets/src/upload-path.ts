import { EngramError } from '@engram/domain';
import { z } from 'zod';
import { printable } from './field-error.js';

const longestPath = 512;
const longestSegment = 255;
const deepestPath = 16;

/** Why a path may not name an uploaded file, or undefined when it may. */
export function pathFault(path: string): string | undefined {
  if (path.length === 0) return 'is empty';
  if (path.length > longestPath) return `is ${path.length} characters long, at most ${longestPath} are allowed`;
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(path)) return 'holds control or invisible characters';
  if (path.includes('\\')) return 'holds a backslash; folders are separated by forward slashes';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute';
  const segments = path.split('/');
  if (segments.length > deepestPath) return `is ${segments.length} folders deep, at most ${deepestPath} are allowed`;
  if (segments.includes('..')) return 'leaves its folder with ".."';
  if (segments.some((segment) => segment === '' || segment === '.')) return 'has an empty or "." part';
  if (segments.some((segment) => Buffer.byteLength(segment) > longestSegment))
    return `has a part longer than ${longestSegment} bytes`;
  return undefined;
}

/**
 * A path given by a client for an uploaded file: relative, forward slashes, inside its folder.
 *
 * @returns the path, unchanged.
 * @throws ENG_ARCHIVE_UNSAFE with the path shortened.
 */
export function checkUploadPath(path: string, pointer = ''): string {
  const why = pathFault(path);
  if (why === undefined) return path;
  const message = `the path ${printable(path)} ${why}`;
  throw new EngramError('ENG_ARCHIVE_UNSAFE', message, {
    remedy: 'Use plain relative paths with forward slashes, such as data/x.npy.',
    faults: [{ pointer, message }],
  });
}

/** A path in a manifest. */
export const uploadPath = z
  .string()
  .min(1)
  .max(longestPath)
  .refine((path) => pathFault(path) === undefined, 'must be a plain relative path with forward slashes')
  .describe('Path of an uploaded file');
