import { randomBytes } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { problemMediaType, problemOf, type Route, type RouteName, routes } from '@engram/contract';
import { EngramError } from '@engram/domain';
import type { Logger, Metrics } from '@engram/service';
import { requestBuckets } from '@engram/service';
import multipart from '@fastify/multipart';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import { type Handlers, readCall } from './call.js';
import type { Authenticate } from './keys.js';
import { errorOfThrown, notJson } from './thrown.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose resources the request may see. */
    project: string;
  }
}

export interface HttpAppOptions {
  readonly handlers: Handlers;
  readonly authenticate: Authenticate;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Routes, keys, problems, request log and request metrics: everything HTTP that is not a handler. */
export async function createHttpApp(options: HttpAppOptions): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: options.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: () => `req-${randomBytes(6).toString('hex')}`,
    bodyLimit: 1024 * 1024,
    // Connections waiting for an event would keep a closing server open; they are ended by their own signal first.
    forceCloseConnections: 'idle',
    frameworkErrors: sendProblem,
    clientErrorHandler: (_error, socket) => {
      const body = JSON.stringify(problemOf(new EngramError('ENG_REQUEST_INVALID', 'the request is not HTTP')));
      if (socket.writable)
        socket.end(
          `HTTP/1.1 400 ${STATUS_CODES[400]}\r\nConnection: close\r\nContent-Type: ${problemMediaType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
    },
  });
  app.decorateRequest('project', '');
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  app.setNotFoundHandler(async (request, reply) => refuseUnrouted(request, reply));
  readJsonBodies(app);
  await app.register(multipart, { throwFileSizeLimit: false });
  observeRequests(app, options);
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const handler = options.handlers[name] as Handlers['getHealth'];
    app.route({
      method: route.method,
      url: route.path.replace(/\{(\w+)\}/g, ':$1'),
      exposeHeadRoute: name !== 'streamAuditEvents',
      onRequest: async (request) => {
        if (route.open !== true) request.project = await options.authenticate(request);
      },
      handler: async (request, reply) => {
        const answer = await handler(readCall<'getHealth'>(route, request, reply));
        return answer;
      },
    });
  }
  return app;
}

/** An empty body is no body, whatever its Content-Type; anything that is not JSON is told without quoting it. */
function readJsonBodies(app: FastifyInstance): void {
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    if (text.length === 0) return done(null, undefined);
    try {
      done(null, JSON.parse(text as string, withoutPrototypes));
    } catch (error) {
      done(error instanceof EngramError ? error : notJson((error as Error).message));
    }
  });
}

function withoutPrototypes(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new EngramError('ENG_REQUEST_INVALID', 'a field may not be called __proto__');
  return value;
}

function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = errorOfThrown(thrown);
  const problem = problemOf(error, { instance: pathOf(request), requestId: request.id });
  if (problem.status >= 500) request.log.error({ err: thrown }, 'request failed');
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="engram"');
  if (problem.status === 503) reply.header('retry-after', '5');
  return reply.code(problem.status).type(problemMediaType).send(JSON.stringify(problem));
}

const patterns = Object.values(routes).map((route) => ({
  method: route.method,
  matches: new RegExp(`^${route.path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
}));

function refuseUnrouted(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = pathOf(request);
  const allowed = [...new Set(patterns.filter(({ matches }) => matches.test(path)).map(({ method }) => method))];
  if (allowed.length === 0) throw new EngramError('ENG_ROUTE_NOT_FOUND', `nothing is served at ${path}`);
  reply.header('allow', allowed.join(', '));
  throw new EngramError('ENG_METHOD_NOT_ALLOWED', `expected ${allowed.join(' or ')}, got ${request.method}`);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '/';
}

function observeRequests(app: FastifyInstance, { metrics }: HttpAppOptions): void {
  const durations = metrics.histogram(
    {
      name: 'engram_http_request_duration_seconds',
      help: 'Time from the first byte of a request to the last of its answer',
      labels: ['method', 'route', 'status'],
    },
    requestBuckets,
  );
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const seconds = reply.elapsedTime / 1000;
    durations.observe({ method: request.method, route, status: String(reply.statusCode) }, seconds);
    const fields = {
      method: request.method,
      path: pathOf(request),
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime),
    };
    // Polls and probes come by the thousand: what only reads, and succeeds, is told when asked for.
    const isReading = request.method === 'GET' && reply.statusCode < 400;
    if (isReading) request.log.debug(fields, 'answered');
    else request.log.info(fields, 'answered');
  });
}
