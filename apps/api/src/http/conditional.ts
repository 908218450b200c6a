import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** The entity tag of a record's version. */
export function versionTag(version: number): string {
  return `"${version}"`;
}

/** Whether the client already holds this version. */
export function isKnown(request: FastifyRequest, tag: string): boolean {
  const known = request.headers['if-none-match'];
  if (known === undefined) return false;
  return known.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === tag);
}

/** Sends JSON under its tag, or 304 without a body, and without making one, when the client already has it. */
export function sendVersion(
  request: FastifyRequest,
  reply: FastifyReply,
  tag: string,
  body: () => string,
): FastifyReply {
  reply.header('etag', tag).header('cache-control', 'private, no-cache');
  if (isKnown(request, tag)) return reply.code(304).send();
  return reply.type('application/json; charset=utf-8').send(body());
}

/** Sends JSON that has no version of its own under a tag of its bytes. */
export function sendTagged(request: FastifyRequest, reply: FastifyReply, body: string): FastifyReply {
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  return sendVersion(request, reply, tag, () => body);
}
