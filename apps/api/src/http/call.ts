import type { BodyOf, ParamsOf, QueryOf, ReplyOf, Route, RouteName } from '@engram/contract';
import { EngramError, type ErrorCode } from '@engram/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { faultsOf } from './faults.js';

/** A request that passed its route's schemas, with whom it is for. */
export interface Call<N extends RouteName> {
  readonly params: ParamsOf<N>;
  readonly query: QueryOf<N>;
  readonly body: BodyOf<N>;
  readonly project: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Answers a call: with a JSON body, or with `reply` when it has sent something else itself. */
export type Handler<N extends RouteName> = (call: Call<N>) => Promise<ReplyOf<N> | FastifyReply>;

/** One handler for each route: a route without one does not compile. */
export type Handlers = { readonly [N in RouteName]: Handler<N> };

const notFound: Readonly<Record<Route['tag'], ErrorCode>> = {
  models: 'ENG_MODEL_NOT_FOUND',
  datasets: 'ENG_DATASET_NOT_FOUND',
  audits: 'ENG_AUDIT_NOT_FOUND',
  service: 'ENG_ROUTE_NOT_FOUND',
};

/**
 * Checks a request against its route.
 *
 * @throws ENG_REQUEST_INVALID with a pointer for each fault; the tag's not-found code for an id no resource can have;
 *   ENG_MEDIA_TYPE_UNSUPPORTED for a form where JSON is asked for.
 */
export function readCall<N extends RouteName>(route: Route, request: FastifyRequest, reply: FastifyReply): Call<N> {
  const params = route.params?.safeParse(request.params);
  if (params?.success === false)
    throw new EngramError(notFound[route.tag], `there is nothing at ${request.url.split('?')[0]}`, {
      faults: faultsOf(params.error),
    });
  const query = parse(route.query, request.query, '?', 'query parameters');
  if (route.body !== undefined && request.isMultipart())
    throw new EngramError('ENG_MEDIA_TYPE_UNSUPPORTED', 'expected application/json, got multipart/form-data');
  return {
    params: params?.data as ParamsOf<N>,
    query: query as QueryOf<N>,
    body: parse(route.body, request.body, '', 'body') as BodyOf<N>,
    project: request.project,
    request,
    reply,
  };
}

function parse(schema: z.ZodType | undefined, value: unknown, base: string, what: string): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = faultsOf(parsed.error).map(({ pointer, message }) => ({
    pointer: base === '?' ? `?${pointer.slice(1)}` : pointer,
    message,
  }));
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  throw new EngramError('ENG_REQUEST_INVALID', `the ${what} has ${count}: ${faults[0]?.message}`, { faults });
}
