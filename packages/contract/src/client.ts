import { EngramError } from '@engram/domain';
import type { z } from 'zod';
import { errorOf, problem } from './problems.js';
import type { Route } from './route.js';
import { type ReplyOf, type RouteName, routes } from './routes.js';

export interface ClientOptions {
  /** Where the service is: `http://127.0.0.1:7373`. */
  readonly url: string;
  /** Not needed on loopback unless the service has keys. */
  readonly key?: string;
  readonly fetch?: typeof fetch;
}

/** What is uploaded: the manifest, and files by their path inside the model or dataset. */
export interface UploadInput {
  readonly manifest: unknown;
  readonly files: Readonly<Record<string, Blob>>;
}

type Given<R, Part extends string> = R extends { readonly [K in Part]: infer S extends z.ZodType } ? z.input<S> : never;

/** What a call of a route is given: only what the route takes. */
export type CallInput<N extends RouteName> = {
  readonly [K in 'params' | 'body' as Given<(typeof routes)[N], K> extends never ? never : K]: Given<
    (typeof routes)[N],
    K
  >;
} & {
  readonly [K in 'query' as Given<(typeof routes)[N], K> extends never ? never : K]?: Partial<
    Given<(typeof routes)[N], K>
  >;
} & ((typeof routes)[N] extends { readonly upload: z.ZodType } ? UploadInput : unknown) & {
    readonly headers?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
  };

/** One function for each route, by its name. */
export type Client = { readonly [N in RouteName]: (input: CallInput<N>) => Promise<ReplyOf<N>> };

type AnyInput = Partial<UploadInput> & {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

/**
 * A client of the service's JSON, from the table of its routes. Streams (events, pages, tables in other forms) are
 * fetched from the `links` of a resource instead.
 *
 * Its functions throw the EngramError a problem was made from; ENG_STORE_UNAVAILABLE when there was no answer.
 */
export function openClient(options: ClientOptions): Client {
  return Object.fromEntries(
    (Object.entries(routes) as [RouteName, Route][]).map(([name, route]) => [
      name,
      (input: AnyInput = {}) => call(options, route, input),
    ]),
  ) as unknown as Client;
}

async function call({ url, key, fetch: send = fetch }: ClientOptions, route: Route, input: AnyInput): Promise<unknown> {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input.params?.[name])));
  const target = new URL(path, url);
  for (const [name, value] of Object.entries(input.query ?? {}))
    if (value !== undefined) target.searchParams.set(name, String(value));
  const headers: Record<string, string> = { accept: 'application/json', ...input.headers };
  if (key !== undefined) headers.authorization = `Bearer ${key}`;
  if (input.body !== undefined) headers['content-type'] = 'application/json';
  const body =
    route.upload === undefined ? (input.body === undefined ? null : JSON.stringify(input.body)) : form(input);
  const response = await send(target, {
    method: route.method,
    headers,
    body,
    ...(input.signal === undefined ? {} : { signal: input.signal }),
  }).catch((cause: unknown) => {
    if (input.signal?.aborted) throw input.signal.reason;
    throw new EngramError('ENG_STORE_UNAVAILABLE', `no answer from ${target.origin}`, {
      remedy: 'Check that the service runs there.',
      cause,
    });
  });
  const text = await response.text();
  if (response.ok || response.status === 304) return text === '' ? undefined : JSON.parse(text);
  const told = problem.safeParse(json(text));
  if (told.success) throw errorOf(told.data);
  throw new EngramError('ENG_INTERNAL', `${target.origin} answered ${response.status}, and not as engram does`);
}

/** The manifest first, as the service reads it while the files still come. */
function form({ manifest, files = {} }: AnyInput): FormData {
  const data = new FormData();
  data.append('manifest', JSON.stringify(manifest));
  for (const [path, bytes] of Object.entries(files)) data.append('files', bytes, path);
  return data;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
