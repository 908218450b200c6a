import type { ErrorCode } from '@engram/domain';
import type { z } from 'zod';

/** What one status of a route answers with. */
export interface RouteResponse {
  readonly description: string;
  /** Of the JSON body; absent: no JSON body. */
  readonly schema?: z.ZodType;
  /** Other forms of the same content, by media type. */
  readonly alternatives?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One route as data: requests are validated, documented and called by it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With parameters in braces: `/v1/audits/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: 'models' | 'datasets' | 'audits' | 'service';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON body. */
  readonly body?: z.ZodType;
  /** Multipart body: a part `manifest` of this schema, then any number of files. */
  readonly upload?: z.ZodType;
  readonly responses: Readonly<Record<number, RouteResponse>>;
  /** Problems particular to this route; those any route may answer are left out. */
  readonly problems?: readonly ErrorCode[];
  /** True: served without a key. */
  readonly open?: boolean;
}
