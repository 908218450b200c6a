import type { FieldFault } from '@engram/domain';
import type { z } from 'zod';

/** What is wrong with a value, field by field, as JSON pointers below `base`. */
export function faultsOf(error: z.ZodError, base = ''): FieldFault[] {
  return error.issues.flatMap((issue) => faultsOfIssue(issue, base));
}

function faultsOfIssue(issue: z.core.$ZodIssue, base: string): FieldFault[] {
  const pointer = base + pointerOf(issue.path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: pointer + pointerOf([key]), message: 'no such field' }));
  if (issue.code !== 'invalid_union') return [{ pointer, message: issue.message }];
  // Of a union's branches the one that got furthest is what the writer meant.
  const furthest = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0];
  if (furthest === undefined || depth(furthest) === 0) return [{ pointer, message: unionMessage(issue) }];
  return furthest.flatMap((inner) => faultsOfIssue(inner, pointer));
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

function unionMessage(issue: z.core.$ZodIssueInvalidUnion): string {
  const messages = new Set(issue.errors.flat().map((inner) => inner.message));
  return messages.size === 0 ? issue.message : [...messages].join(', or ');
}

/** RFC 6901: `~` and `/` inside a name are escaped. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
