import type { Json } from '@engram/domain';
import { z } from 'zod';
import { problem, problemMediaType, problemStatus } from './problems.js';
import { auditEvents } from './resources/audit-events.js';
import type { Route, RouteResponse } from './route.js';
import { routes } from './routes.js';

type JsonObject = { [key: string]: Json };

/** The contract as an OpenAPI 3.1 document, from the routes alone. */
export function openApiDocument(version: string): JsonObject {
  const schemas = new SchemaComponents();
  const paths: { [path: string]: JsonObject } = {};
  for (const [name, route] of Object.entries(routes) as [string, Route][]) {
    paths[route.path] ??= {};
    paths[route.path]![route.method.toLowerCase()] = operation(name, route, schemas);
  }
  for (const event of Object.values(auditEvents)) schemas.reference(event, 'output');
  return {
    openapi: '3.1.0',
    info: {
      title: 'engram',
      version,
      description:
        'What has this model memorised of its training data, who could get it out, and how hard would it be to remove?',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, {}],
    tags: ['models', 'datasets', 'audits', 'service'].map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.all(),
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'Not needed on loopback unless keys are set.' },
      },
    },
  };
}

function operation(name: string, route: Route, schemas: SchemaComponents): JsonObject {
  const responses: JsonObject = {};
  for (const [status, response] of Object.entries(route.responses)) responses[status] = describe(response, schemas);
  for (const status of new Set((route.problems ?? []).map(problemStatus))) {
    const codes = route.problems!.filter((code) => problemStatus(code) === status);
    responses[String(status)] ??= problemResponse(codes.join(', '), schemas);
  }
  responses.default = problemResponse('Any other problem', schemas);
  return {
    operationId: name,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description.replace(/\s+/g, ' ') }),
    ...(route.open === true ? { security: [] } : {}),
    parameters: [
      ...parameters('path', route.params, schemas),
      ...parameters('query', route.query, schemas),
      ...Object.entries(route.headers ?? {}).map(([header, description]) => ({
        name: header,
        in: 'header',
        description,
        schema: { type: 'string' },
      })),
    ],
    ...requestBody(route, schemas),
    responses,
  };
}

function requestBody(route: Route, schemas: SchemaComponents): JsonObject {
  if (route.body !== undefined)
    return {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemas.reference(route.body, 'input') } },
      },
    };
  if (route.upload === undefined) return {};
  return {
    requestBody: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: {
            type: 'object',
            required: ['manifest'],
            properties: {
              manifest: schemas.reference(route.upload, 'input'),
              files: { type: 'array', items: { type: 'string', contentMediaType: 'application/octet-stream' } },
            },
          },
          encoding: { manifest: { contentType: 'application/json' } },
        },
      },
    },
  };
}

function parameters(place: 'path' | 'query', object: z.ZodObject | undefined, schemas: SchemaComponents): JsonObject[] {
  return Object.entries(object?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path',
    schema: schemas.reference(schema as z.ZodType, 'input'),
  }));
}

function describe(response: RouteResponse, schemas: SchemaComponents): JsonObject {
  const content: JsonObject = {};
  if (response.schema !== undefined)
    content['application/json'] = { schema: schemas.reference(response.schema, 'output') };
  for (const [mediaType, description] of Object.entries(response.alternatives ?? {}))
    content[mediaType] = { schema: { type: 'string', description } };
  return {
    description: response.description,
    ...(response.headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(response.headers).map(([header, description]) => [
              header,
              { description, schema: { type: 'string' } },
            ]),
          ),
        }),
    ...(Object.keys(content).length === 0 ? {} : { content }),
  };
}

function problemResponse(description: string, schemas: SchemaComponents): JsonObject {
  return { description, content: { [problemMediaType]: { schema: schemas.reference(problem, 'output') } } };
}

/**
 * Schemas with an id (`.meta({ id })`) become components. What a client may send and what the service answers with
 * differ where there are defaults, so a schema used both ways is there twice: `AuditRequest` and `AuditRequestInput`.
 */
class SchemaComponents {
  private readonly components = new Map<string, Json>();
  /** Names of recursive schemas without an id, by what they say. */
  private readonly unnamed = new Map<string, string>();

  reference(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
    const suffix = io === 'input' ? 'Input' : '';
    const document = z.toJSONSchema(schema, { io, unrepresentable: 'any', cycles: 'ref' }) as unknown as JsonObject;
    const { $schema: _, $defs, id, ...body } = document;
    const definitions = Object.entries(($defs ?? {}) as JsonObject);
    const names = new Map(
      definitions.map(([name, definition]) => [
        name,
        name.startsWith('__') ? this.nameOf(name, definition) : `${name}${suffix}`,
      ]),
    );
    for (const [name, definition] of definitions)
      this.components.set(names.get(name) ?? name, pointAt(withoutId(definition), names));
    const own = pointAt(body, names) as JsonObject;
    if (typeof id !== 'string') return own;
    this.components.set(`${id}${suffix}`, own);
    return { $ref: `#/components/schemas/${id}${suffix}` };
  }

  all(): JsonObject {
    return Object.fromEntries([...this.components].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private nameOf(name: string, definition: Json): string {
    const text = JSON.stringify(definition).replaceAll(`/${name}"`, '/self"');
    const known = this.unnamed.get(text) ?? `Value${this.unnamed.size + 1}`;
    this.unnamed.set(text, known);
    return known;
  }
}

function withoutId(definition: Json): Json {
  const { id: _, ...rest } = definition as JsonObject;
  return rest;
}

/** Turns references to definitions of a document into references to components. */
function pointAt(value: Json, names: ReadonlyMap<string, string>): Json {
  if (Array.isArray(value)) return value.map((item: Json) => pointAt(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (key !== '$ref' || typeof item !== 'string') return [key, pointAt(item as Json, names)];
      const name = item.replace(/^#\/\$defs\//, '');
      return [key, `#/components/schemas/${names.get(name) ?? name}`];
    }),
  );
}
