import { EngramError } from '@engram/domain';

/** Names become parts of paths, so nothing but these characters is let through; lower case only, for file systems that fold it. */
export function checkedProject(project: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(project)) return project;
  throw new EngramError(
    'ENG_REQUEST_INVALID',
    'expected a project of at most 63 lower-case letters, digits, - and _, got something else',
  );
}

/** @throws ENG_ARTIFACT_NOT_FOUND: what is no digest names nothing. */
export function checkedDigest(digest: string): string {
  if (/^[0-9a-f]{64}$/.test(digest)) return digest;
  throw new EngramError('ENG_ARTIFACT_NOT_FOUND', 'expected a digest of 64 hex digits, got something else');
}

export function checkedKey(key: string): string {
  if (/^[A-Za-z0-9_-]{1,128}$/.test(key)) return key;
  throw new EngramError(
    'ENG_INTERNAL',
    'expected a task key of at most 128 letters, digits, - and _, got something else',
  );
}
