import assert from 'node:assert/strict';
import { type Problem, problem } from '@engram/contract';
import type { ErrorCode } from '@engram/domain';
import type { Client } from './client.js';
import type { Service } from './service.js';

export interface Refusal {
  readonly code: ErrorCode;
  /** What one of the faults must point at. */
  readonly pointer: RegExp;
  /** What the problem must say. */
  readonly says?: RegExp;
}

/** Sends what must be refused: with a problem document that names code, place and remedy, and nothing kept of it. */
export async function refuses(
  service: Service,
  send: () => Promise<Response>,
  { code, pointer, says }: Refusal,
): Promise<Problem> {
  const client = service.client();
  const before = await kept(service, client);
  const response = await send();
  const text = await response.text();
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/, text);
  const told = problem.parse(JSON.parse(text));
  assert.equal(told.code, code, text);
  assert.equal(told.status, response.status);
  assert.ok(told.status >= 400 && told.status < 500, text);
  assert.ok(told.remedy.length > 10, text);
  assert.ok(
    told.errors.some((fault) => pointer.test(fault.pointer)),
    text,
  );
  if (says !== undefined) assert.match(text, says);
  assert.deepEqual(await kept(service, client), before);
  return told;
}

/** Everything a client or the disk could show of what was sent. */
async function kept(service: Service, client: Client) {
  const lists = (['/v1/models', '/v1/datasets', '/v1/audits'] as const).map((path) => client.list(path));
  return { lists: await Promise.all(lists), artifacts: service.artifacts() };
}
