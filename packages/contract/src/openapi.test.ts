import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openApiDocument } from './openapi.js';
import { routes } from './routes.js';

type Operation = {
  operationId: string;
  parameters: { name: string; in: string }[];
  responses: Record<string, { content?: Record<string, unknown> }>;
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> };
};
const document = openApiDocument('1.2.3') as unknown as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties?: Record<string, unknown>; required?: string[] }> };
};

test('every route is in the document, once', () => {
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  assert.deepEqual(operations.map((operation) => operation.operationId).sort(), Object.keys(routes).sort());
});

test('every reference leads to a component', () => {
  const references = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g);
  for (const [, reference] of references) {
    const name = reference?.replace('#/components/schemas/', '') ?? '';
    assert.ok(Object.hasOwn(document.components.schemas, name), reference);
  }
});

test('every parameter of a path is declared', () => {
  for (const [path, item] of Object.entries(document.paths))
    for (const operation of Object.values(item)) {
      const declared = operation.parameters.filter((each) => each.in === 'path').map((each) => each.name);
      assert.deepEqual(
        declared,
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
        path,
      );
    }
});

test('what has a default may be left out of a request and is always in an answer', () => {
  const { AuditRequestInput, AuditRequest } = document.components.schemas;
  assert.ok(!AuditRequestInput?.required?.includes('seed'));
  assert.ok(AuditRequest?.required?.includes('seed'));
});

test('every operation documents its problems as application/problem+json', () => {
  for (const item of Object.values(document.paths))
    for (const operation of Object.values(item))
      assert.ok(operation.responses.default?.content?.['application/problem+json'], operation.operationId);
});

test('uploads are multipart with the manifest first', () => {
  for (const path of ['/v1/models', '/v1/datasets'])
    assert.ok(document.paths[path]?.post?.requestBody?.content['multipart/form-data'], path);
});

test('the document says which version of OpenAPI it is', () => {
  assert.match(document.openapi, /^3\.1\./);
});
