import type { FastifyReply } from 'fastify';

/** Aborted when the connection closes before the answer is complete, or when the service stops. */
export function clientGone(reply: FastifyReply, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController();
  const abort = () => gone.abort();
  if (stopping.aborted) abort();
  stopping.addEventListener('abort', abort);
  reply.raw.once('close', () => {
    stopping.removeEventListener('abort', abort);
    if (!reply.raw.writableFinished) abort();
  });
  return gone.signal;
}
